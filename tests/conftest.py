import os
import pathlib
import tempfile

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# JAX compiles for most of the time that its tests take, and much of it twice:
# in the processes that tests start, and in the next run.
os.environ.setdefault(
    "JAX_COMPILATION_CACHE_DIR",
    str(pathlib.Path(tempfile.gettempdir()) / "keras_ganloss_jax"),
)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


@pytest.fixture(autouse=True)
def torch_shuffles_alike():
    """On torch `fit` shuffles by a state that all tests of a process share."""
    if os.environ.get("KERAS_BACKEND") == "torch":
        import torch

        torch.manual_seed(0)
