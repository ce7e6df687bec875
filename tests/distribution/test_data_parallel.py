"""`keras.distribution.DataParallel`: two devices, or processes, equal one."""

import os
import pathlib
import re
import socket
import subprocess
import sys

import numpy as np
import pytest

from tests.helpers import limits

HERE = pathlib.Path(__file__).parent

pytestmark = limits.KERAS_DISTRIBUTION.marker


def start(kind, file, *process):
    return subprocess.Popen(
        [sys.executable, HERE / "jax_worker.py", kind, file, *process],
        env={
            **os.environ,
            "XLA_FLAGS": "--xla_force_host_platform_device_count="
            + ("2" if kind == "two" else "1"),
            "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])]),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What each worker wrote, as a dict of dicts."""
    directory = tmp_path_factory.mktemp("workers")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    files = {
        name: directory / f"{name}.npz"
        for name in ("one", "two", "process_0", "process_1")
    }
    workers = [
        start("one", files["one"]),
        start("two", files["two"]),
        start("process", files["process_0"], "0", port),
        start("process", files["process_1"], "1", port),
    ]
    try:
        for worker in workers:
            output, _ = worker.communicate(timeout=300)
            assert worker.returncode == 0, output
    finally:
        for worker in workers:
            worker.kill()
    return {name: dict(np.load(file)) for name, file in files.items()}


@pytest.mark.parametrize("which", ["two", "process_0", "process_1"])
def test_equals_one_device(results, which):
    expected = results["one"]
    assert expected["devices"] == 1
    assert results[which]["devices"] == 2
    names = [
        name for name in expected if name.startswith(("history_", "weight_"))
    ]
    assert len(names) > 30
    differences = {
        name: np.abs(results[which][name] - expected[name]).max()
        for name in names
    }
    print("largest difference:", which, max(differences.values()))
    assert {n: d for n, d in differences.items() if d > 1e-6} == {}


@pytest.mark.parametrize(
    ("which", "received"),
    [
        ("last", r"batch_size=8, 79 samples \(the last batch has 7\)"),
        ("batch", r"batch_size=5, 80 samples"),
        ("generate", r"batch_size=3, 3 samples"),
    ],
)
def test_batches_must_be_divisible(results, which, received):
    message = str(results["two"][f"error_of_{which}"])
    assert message.startswith(limits.DIVISIBLE.message)
    assert re.search(received, message)
