"""The pages of `docs/tutorials/`: examples, by their own texts.

`python docs/generators/tutorials.py` writes them anew. A text between triple
quotes at the left of a script is text, what is between is code; the picture is
the one of `docs/images` that has the script's name.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
PAGES = ROOT / "docs" / "tutorials"
NOT_RUN = "<!-- not run: CI runs the script -->"
PICTURES = {"watch": "report"}
# In the order in which to read them; `.ci/run` runs each.
TUTORIALS = (
    "quickstart",
    "watch",
    "ac_gan",
    "info_gan",
    "alpha_gan",
    "tabular",
    "two_time_scale",
    "two_answers",
    "unet_in_five_lines",
    "colorization",
    "next_frame",
    "emoji_to_emoji",
    "domain_adaptation",
)
TEXT = re.compile(r'^"""\n(.*?)\n"""$', re.DOTALL | re.MULTILINE)


def scripts():
    """Returns the paths of the examples, in order."""
    return [ROOT / "examples" / f"{name}.py" for name in TUTORIALS]


def page_path(script):
    return PAGES / f"{script.stem}.md"


def page(script):
    """Returns the page of a script."""
    head, *parts = TEXT.split(script.read_text())[1:]
    fields = dict(re.findall(r"^([A-Z][\w ]*): (.*(?:\n  .*)*)", head, re.M))
    fields = {key: " ".join(value.split()) for key, value in fields.items()}
    picture = PICTURES.get(script.stem, script.stem)
    lines = [f"# {fields['Title']}", "", fields["Description"], ""]
    if (ROOT / "docs" / "images" / f"{picture}.png").is_file():
        lines += [
            f'<img src="../images/{picture}.png" alt="{fields["Title"]}">'
        ]
        lines += [""]
    lines += [f"Script: `examples/{script.name}`. {runs_in(fields)}", ""]
    for index, part in enumerate(parts):
        if index % 2:
            lines += [part.strip(), ""]
        elif part.strip():
            code = part.strip()
            lines += [NOT_RUN, "```python", code, "```", ""]
    return "\n".join(lines)


def runs_in(fields):
    text = fields.get("Runs in", "")
    return f"Runs in: {text}" if text else ""


if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    for script in scripts():
        page_path(script).write_text(page(script))
        print(page_path(script).name)
