"""A game saved under one backend goes on under another.

From the TensorFlow run, which starts a process for each of the others.
"""

import importlib.util
import itertools
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.helpers import across_backends

if keras.backend.backend() != "tensorflow":
    pytest.skip(
        "compares all three backends from the TensorFlow run",
        allow_module_level=True,
    )

ROOT = pathlib.Path(__file__).parents[2]
INSTALLED = [
    backend
    for backend in across_backends.BACKENDS
    if importlib.util.find_spec(backend) is not None
]


def start(backend, action, directory):
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.helpers.across_backends",
            action,
            directory,
        ],
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "PYTHONPATH": str(ROOT),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """Where every backend has saved, and gone on with, every game."""
    directory = tmp_path_factory.mktemp("across_backends")
    for action in ("save", "load"):
        processes = [
            start(backend, action, directory)
            for backend in INSTALLED
            if backend != "tensorflow"
        ]
        getattr(across_backends, action)(directory)
        for process in processes:
            output, _ = process.communicate(timeout=600)
            assert process.returncode == 0, output
    return directory


@pytest.fixture(
    params=itertools.permutations(across_backends.BACKENDS, 2),
    ids=lambda pair: f"{pair[0]}-to-{pair[1]}",
)
def pair(request):
    """The backend that saves and the one that loads."""
    for backend in request.param:
        if backend not in INSTALLED:
            pytest.skip(f"{backend} is not installed")
    return request.param


def unequal(first, second):
    return [
        name for name in first if not np.array_equal(first[name], second[name])
    ]


def test_everything_is_loaded_bit_for_bit(directory, pair):
    """Weights, averages, turns, optimizers, and the seeds with counters."""
    saved = dict(np.load(directory / f"{pair[0]}.npz"))
    loaded = dict(np.load(directory / f"{pair[0]}_in_{pair[1]}.npz"))
    assert set(loaded) == set(saved)
    assert unequal(saved, loaded) == []
    # Five updates of the discriminator, two of the generator.
    assert loaded["d_optimizer_0"] == 5 and loaded["g_optimizer_0"] == 2
    assert loaded["turns_0"] == 5
    # Five draws of latents by the game, whose own state is the first.
    np.testing.assert_array_equal(loaded["random_0"], [7, 5])


def test_training_goes_on_as_at_home(directory, pair):
    """Five batches with the same latents, to what rounding leaves of Adam."""
    home, abroad = (
        dict(np.load(directory / f"{pair[0]}_on_{backend}.npz"))
        for backend in pair
    )
    assert abroad["d_optimizer_0"] == 10 and abroad["g_optimizer_0"] == 5
    before = dict(np.load(directory / f"{pair[0]}.npz"))
    for name, value in home.items():
        scale = np.abs(value).max()
        np.testing.assert_allclose(
            abroad[name], value, rtol=0, atol=1e-5 * scale, err_msg=name
        )
    moved = set(unequal(before, home))
    assert {name for name in before if "network" in name} <= moved
    assert {name for name in before if "average" in name} <= moved


def test_random_streams_do_not_carry_over(directory, pair):
    """As `docs/how-to/saving.md` says: the same seeds, other numbers."""
    one, other = (
        dict(np.load(directory / f"{backend}.npz")) for backend in pair
    )
    np.testing.assert_array_equal(one["random_0"], other["random_0"])
    assert "network_0" in unequal(one, other)
