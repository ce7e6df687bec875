"""TF-GAN itself, as a live oracle on a TensorFlow it no longer imports on.

Only the `__init__` modules of the package need what TensorFlow has dropped;
the losses do not. Empty modules with the same path stand in for them.
"""

import importlib
import importlib.util
import pathlib
import sys
import types


def import_losses():
    """Returns TF-GAN's `losses_impl`."""
    if "tensorflow_gan" not in sys.modules:
        spec = importlib.util.find_spec("tensorflow_gan")
        root = pathlib.Path(spec.submodule_search_locations[0])
        for name in ("tensorflow_gan", "tensorflow_gan.python"):
            module = types.ModuleType(name)
            module.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
            sys.modules[name] = module
    return importlib.import_module("tensorflow_gan.python.losses.losses_impl")
