"""Files of `torch.save`, as it wrote them before version 1.6, without torch."""

import collections
import pickle
from typing import Any

import numpy as np

_DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


def read_tensors(path: Any) -> dict[str, Any]:
    """Returns a dict of name to numpy array.

    The names that a pickle may look up are those of tensors; nothing that a
    file asks for is imported or called.

    Args:
        path: Path of a file that holds a state dict.

    Raises:
        pickle.UnpicklingError: If the file holds anything else.
    """
    with open(path, "rb") as file:
        for _ in range(3):  # A magic number, a version, the machine's sizes.
            _Unpickler(file).load()
        unpickler = _Unpickler(file)
        tensors = unpickler.load()
        for key in _Unpickler(file).load():
            storage = unpickler.storages[key]
            count = int(np.frombuffer(file.read(8), "<i8")[0])
            if count != storage.size:
                raise pickle.UnpicklingError(f"The file {path} is damaged.")
            storage[:] = np.frombuffer(file.read(storage.nbytes), storage.dtype)
    return dict(tensors)


class _Unpickler(pickle.Unpickler):
    """Makes numpy arrays where torch makes tensors, and nothing else."""

    def __init__(self, file):
        super().__init__(file)
        self.storages = {}

    def find_class(self, module, name):
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _view
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        raise pickle.UnpicklingError(f"Not a state dict: {module}.{name}")

    def persistent_load(self, description):
        _, dtype, key, _, count, _ = description
        if key not in self.storages:
            self.storages[key] = np.empty(count, dtype)
        return self.storages[key]


def _view(storage, offset, shape, strides, *others):
    """Returns a part of a storage, which is filled later."""
    del others
    return np.lib.stride_tricks.as_strided(
        storage[offset:],
        shape,
        [storage.itemsize * stride for stride in strides],
    )
