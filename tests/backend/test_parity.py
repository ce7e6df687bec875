"""The same numbers on every backend, from the TensorFlow run."""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import keras
import numpy as np
import pytest

if keras.backend.backend() != "tensorflow":
    pytest.skip(
        "compares all three backends from the TensorFlow run",
        allow_module_level=True,
    )

from tests.helpers import parity_cases  # noqa: E402

ROOT = pathlib.Path(__file__).parents[2]

OTHERS = ("jax", "torch")
GROUPS = sorted({name.split("/")[0] for name, *_ in parity_cases.cases()})


def installed(backend):
    return importlib.util.find_spec(backend) is not None


def start(backend, path):
    """Starts a process that computes all cases on a backend."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.parity_cases", path],
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
def results(tmp_path_factory):
    """Numbers by backend: a dict of `case/quantity` to an array."""
    folder = tmp_path_factory.mktemp("parity")
    processes = {
        backend: start(backend, folder / f"{backend}.npz")
        for backend in filter(installed, OTHERS)
    }
    results = {"tensorflow": parity_cases.compute()}
    for backend, process in processes.items():
        output, _ = process.communicate(timeout=600)
        assert process.returncode == 0, output
        results[backend] = dict(np.load(folder / f"{backend}.npz"))
    return results


@pytest.fixture(params=OTHERS)
def other(request):
    if not installed(request.param):
        pytest.skip(f"{request.param} is not installed")
    return request.param


def kind(name):
    """Quantities of which one may be a difference of others.

    All gradients of a player in a case, all its weights, all its logs: what
    cancels out is as exact as what it is made of.
    """
    case, quantity = name.rsplit("/", 1)
    numbered = re.fullmatch(r"(.*)_\d+", quantity)
    return case, numbered[1] if numbered else "log"


def scales(results):
    """The largest number among a quantity and its kind."""
    largest = {}
    for name, value in results.items():
        known = largest.get(kind(name), 0.0)
        largest[kind(name)] = max(known, np.abs(value).max())
    return {name: largest[kind(name)] for name in results}


@pytest.mark.parametrize("group", GROUPS)
def test_the_backends_agree(results, other, group):
    expected = {
        name: value
        for name, value in results["tensorflow"].items()
        if name.startswith(f"{group}/")
    }
    scale = scales(expected)
    off = {}
    for name, value in expected.items():
        difference = np.abs(results[other][name] - value).max()
        if not difference <= 1e-5 * scale[name]:
            off[name] = difference / scale[name]
    assert off == {}


def test_the_backends_were_asked_the_same(results, other):
    shapes = [
        {name: value.shape for name, value in results[backend].items()}
        for backend in ("tensorflow", other)
    ]
    assert shapes[0] == shapes[1]


def test_gradients_reach_every_weight(results):
    """Zeros would agree."""
    names = [name for name in results["tensorflow"] if "_gradient_" in name]
    zeros = [n for n in names if not np.abs(results["tensorflow"][n]).any()]
    # Losses of differences of outputs do not feel the critic's last bias.
    last_bias = re.compile(r"losses/\w+/discriminator_gradient_5")
    assert [name for name in zeros if not last_bias.fullmatch(name)] == []
    assert len(names) > 100
