import gc
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
# What is compiled here runs a few times: a fifth less time in all.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")


def pytest_collection_finish():
    """Spares the garbage collector half a million objects of the imports.

    It looked at all of them time and again, for a tenth of the whole time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def seed_everything():
    """Seeds Keras, NumPy and the backend.

    Seeds that nobody gave come from states that all tests of a process share:
    first weights, and on torch the order in which `fit` shuffles. A test may
    not depend on which others ran before it.
    """
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture(autouse=True, scope="module")
def seeded_module():
    """For what the tests of a file share."""
    seed_everything()


@pytest.fixture(autouse=True)
def seeded():
    seed_everything()
