"""The Python blocks of a page, to run them as a reader would."""

import contextlib
import functools
import inspect
import os
import pathlib
import re
import tempfile

import keras

DOCS = pathlib.Path(__file__).parents[2] / "docs"
README = DOCS.parent / "README.md"

BLOCK = re.compile(
    r"(?P<comments>(?:<!-- .*? -->\n)*)```python\n(?P<code>.*?)^```",
    re.DOTALL | re.MULTILINE,
)


def blocks(page):
    """Returns `(comments, code, line)` of each block of `page`, in order."""
    text = (DOCS / page).read_text()
    return [
        (
            re.findall("<!-- (.*?) -->", found["comments"]),
            found["code"],
            text.count("\n", 0, found.start("code")),
        )
        for found in BLOCK.finditer(text)
    ]


def named_blocks(page):
    """Returns the blocks that follow a comment, `<!-- name -->`, by name."""
    return {comments[0]: code for comments, code, _ in blocks(page) if comments}


def is_run(comments):
    """Whether a block under these comments runs on this backend."""
    here = keras.backend.backend()
    for comment in comments:
        only = re.match(r"only on (\w+): \S", comment)
        if only and only[1] != here:
            return False
        if re.match(rf"not (run|on {here}): \S", comment):
            return False
    return True


@contextlib.contextmanager
def short_fits():
    """Lets `fit` train for one epoch, whatever it is asked for."""
    fit = keras.Model.fit

    @functools.wraps(fit)
    def short(self, *arguments, **named):
        call = inspect.signature(fit).bind(self, *arguments, **named)
        first = call.arguments.get("initial_epoch", 0)
        call.arguments["epochs"] = first + 1
        call.arguments.setdefault("verbose", 0)
        return fit(*call.args, **call.kwargs)

    keras.Model.fit = short
    try:
        yield
    finally:
        keras.Model.fit = fit


@functools.cache
def run(page):
    """Runs a page in a directory of its own; returns its names, by block.

    What a block left behind is under its comments, and that of all under
    `"end"`; `"files"` are the names of what it wrote. Each `fit` is of one
    epoch.
    """
    names, left = {"__name__": "__main__"}, {}
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as directory, short_fits():
        os.chdir(directory)
        try:
            for comments, code, line in blocks(page):
                if is_run(comments):
                    # Errors point to the page.
                    code = compile("\n" * line + code, str(DOCS / page), "exec")
                    exec(code, names)
                left.update({one: dict(names) for one in comments})
            files = [path.name for path in pathlib.Path().rglob("*")]
        finally:
            os.chdir(before)
    return {**left, "end": names, "files": files}
