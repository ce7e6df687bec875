"""Examples of docstrings run: `>>>` with what it prints, and fenced blocks.

They may use NumPy, Keras, whatever the package exports, and the toy data and
networks of `names()`, as a reader would put in place of these what is his.
"""

import doctest
import importlib
import inspect
import pkgutil
import re
import textwrap

import keras
import numpy as np
import pytest

import keras_ganloss
from tests.helpers import docstring_names
from tests.helpers.page_blocks import short_fits

FLAGS = doctest.NORMALIZE_WHITESPACE
# Torch says once a process that it makes numbers of tensors with gradients.
pytestmark = pytest.mark.filterwarnings("ignore:Converting a tensor with req")


def examples():
    """Returns all docstrings of the package, as `doctest.DocTest` objects."""
    found = {}
    packages = pkgutil.walk_packages(
        keras_ganloss.__path__, keras_ganloss.__name__ + "."
    )
    for name in (keras_ganloss.__name__, *(one.name for one in packages)):
        if name.startswith("keras_ganloss.backend."):
            continue  # Not public, and other backends may not be there.
        module = importlib.import_module(name)
        finder = doctest.DocTestFinder()
        found.update({one.name: one for one in finder.find(module)})
    return found


ALL = examples()
FENCED = {
    name: textwrap.dedent(code)
    for name, one in ALL.items()
    for code in re.findall(
        r"^ *```python\n(.*?)^ *```",
        inspect.cleandoc(one.docstring or ""),
        re.DOTALL | re.MULTILINE,
    )
}


@pytest.mark.parametrize("name", [n for n, one in ALL.items() if one.examples])
def test_prints_what_it_says(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    test = ALL[name]
    test.globs.update(
        {**docstring_names.exported(), **test.globs, "np": np, "keras": keras}
    )
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    printed = []
    assert not runner.run(test, out=printed.append).failed, "".join(printed)


@pytest.mark.parametrize("name", FENCED)
def test_fenced_example_runs(name, tmp_path, monkeypatch):
    reason = docstring_names.why_not(name)
    if reason:
        pytest.skip(reason)
    monkeypatch.chdir(tmp_path)
    with short_fits():
        exec(FENCED[name], docstring_names.names(name, FENCED[name]))
