"""How the package hangs together."""

import ast
import pathlib

import keras
import pytest

import keras_ganloss

ROOT = pathlib.Path(keras_ganloss.__file__).parent


def folders_imported():
    """Returns a dict of a folder to the others that its modules import."""
    found = {path.name: set() for path in ROOT.iterdir() if path.is_dir()}
    for path in ROOT.glob("*/**/*.py"):
        own = path.relative_to(ROOT).parts[0]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{one.name}" for one in node.names]
            elif isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            else:
                continue
            for name in names:
                package, _, rest = name.partition(".")
                other = rest.split(".")[0]
                if package == "keras_ganloss" and other in found:
                    found[own] |= {other} - {own}
    return found


def test_folders_do_not_import_each_other_in_a_circle():
    imported = folders_imported()
    assert "utils" in imported["losses"]
    while imported:
        done = [one for one in imported if not imported[one] & set(imported)]
        assert done, f"a circle in {imported}"
        for one in done:
            del imported[one]


@pytest.mark.parametrize("name", ["GAN", "CycleGAN", "SupervisedGAN"])
def test_a_game_is_few_classes(name):
    bases = getattr(keras_ganloss, name).__mro__
    own = [
        base for base in bases if base.__module__.startswith("keras_ganloss")
    ]
    assert len(own) <= 4
    assert keras.Model in bases
