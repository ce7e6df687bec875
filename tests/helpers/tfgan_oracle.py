"""TF-GAN itself, as a live oracle on a TensorFlow it no longer imports on.

Only the `__init__` modules of the package need what TensorFlow has dropped;
the rest does not. Empty modules with the same path stand in for them.
"""

import ast
import importlib
import importlib.machinery
import importlib.util
import pathlib
import sys
import types

STAND_INS = (
    "tensorflow_gan",
    "tensorflow_gan.python",
    "tensorflow_gan.python.eval",
    "tensorflow_gan.python.features",
)


def root():
    """Returns the folder of the wheel."""
    if "tensorflow_gan" in sys.modules:
        return pathlib.Path(sys.modules["tensorflow_gan"].__path__[0])
    spec = importlib.util.find_spec("tensorflow_gan")
    return pathlib.Path(spec.submodule_search_locations[0])


def import_module(name):
    """Returns a module of TF-GAN by its name in the package.

    Args:
        name: Such as `"losses.losses_impl"`.
    """
    folder = root()
    for package in STAND_INS:
        if package not in sys.modules:
            module = types.ModuleType(package)
            module.__path__ = [str(folder.joinpath(*package.split(".")[1:]))]
            # `find_spec` finds modules that are there already by it.
            module.__spec__ = importlib.machinery.ModuleSpec(package, None)
            sys.modules[package] = module
    return importlib.import_module(f"tensorflow_gan.python.{name}")


def import_losses():
    """Returns TF-GAN's `losses_impl`."""
    return import_module("losses.losses_impl")


def public_names(name):
    """Returns what the `__all__` of a module lists, without importing it.

    Args:
        name: Such as `"train"` or `"eval.eval_utils"`.
    """
    path = root().joinpath("python", *name.split(".")).with_suffix(".py")
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
            return ast.literal_eval(node.value)
    raise ValueError(f"No `__all__` in {path}")
