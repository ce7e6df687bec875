"""The pages of the API, one for each public package, and the list of names.

`python docs/generators/api.py` writes `docs/reference/api/*.md` and
`tests/public_api.txt` anew; `tests/test_public_api.py` compares them.
"""

import importlib
import inspect
import pathlib

ROOT = pathlib.Path(__file__).parents[2]
PAGES = ROOT / "docs" / "reference" / "api"
NAMES = ROOT / "tests" / "public_api.txt"

PACKAGES = (
    "balances",
    "callbacks",
    "data",
    "distances",
    "export",
    "layers",
    "losses",
    "metrics",
    "models",
    "monitors",
    "networks",
    "optimizers",
    "penalties",
    "pools",
    "recipes",
    "tfgan",
    "transforms",
    "updates",
)
MODULES = (
    "keras_ganloss",
    *(f"keras_ganloss.{name}" for name in PACKAGES),
    "keras_ganloss.tfgan.eval",
    "keras_ganloss.tfgan.features",
)


def public_names(module_name):
    """Returns what a package exports: `{name: object}`, in order."""
    module = importlib.import_module(module_name)
    return {
        name: value
        for name, value in sorted(vars(module).items())
        if not name.startswith("_") and not inspect.ismodule(value)
    }


def page(module_name):
    """Returns the page of a package; objects by where they are defined."""
    module = importlib.import_module(module_name)
    lines = [f"# `{module_name}`", ""]
    if module.__doc__:
        lines += [inspect.cleandoc(module.__doc__).split("\n\n")[0], ""]
    for name, value in public_names(module_name).items():
        home = getattr(value, "__module__", None)
        known = inspect.isclass(value) or inspect.isfunction(value)
        if known and home.startswith("keras_ganloss"):
            lines += [f"::: {home}.{value.__name__}", ""]
        else:
            lines += [f"## `{name}`", "", f"A constant of `{module_name}`.", ""]
    return "\n".join(lines)


def page_path(module_name):
    return PAGES / f"{module_name}.md"


def listing():
    """Returns the list of public names, one a line."""
    return "".join(
        f"{module}.{name}\n"
        for module in MODULES
        for name in public_names(module)
    )


if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    for module in MODULES:
        page_path(module).write_text(page(module))
    NAMES.write_text(listing())
