"""`MultiWorkerMirroredStrategy`: two processes on this machine equal one.

In the first run the second worker is killed as the second epoch begins, and
the first one after it, as a cluster manager does. Both are started again.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest

from tests.helpers import limits

HERE = pathlib.Path(__file__).parent

pytestmark = limits.TF_DISTRIBUTE.marker


def free_ports(num):
    sockets = [socket.socket() for _ in range(num)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [str(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ",".join(ports)


def start(directory, *dies_in):
    """Starts both workers; `dies_in` is for the second."""
    ports = free_ports(2)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(
            [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
        ),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    workers = []
    for index in range(2):
        arguments = [str(index), ports, str(directory)]
        if index == 1:
            arguments += [str(epoch) for epoch in dies_in]
        with open(directory / f"log_{index}.txt", "ab") as log:
            workers.append(
                subprocess.Popen(
                    [sys.executable, HERE / "multi_worker.py", *arguments],
                    env=environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=HERE.parent.parent,
                )
            )
    return workers


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Returns what both workers ended with, and how the first run ended."""
    directory = tmp_path_factory.mktemp("workers")
    workers = start(directory, 1)
    try:
        codes = [workers[1].wait(timeout=120)]
        workers[0].kill()
        workers[0].wait()
        workers = start(directory)
        codes += [worker.wait(timeout=120) for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    logs = [
        (directory / f"log_{index}.txt").read_text()[-3000:]
        for index in range(2)
    ]
    assert codes == [-signal.SIGKILL, 0, 0], "\n".join(logs)
    ends = []
    for index in range(2):
        arrays = np.load(directory / f"worker_{index}.npz")
        told = json.loads((directory / f"worker_{index}.json").read_text())
        ends.append((told, [arrays[name] for name in arrays.files]))
    return ends


@pytest.fixture(scope="module")
def one():
    """The same, by one process that nobody killed."""
    sys.path.insert(0, str(HERE))
    import games

    gan = games.game(None, games.adam, d_steps=2, ema=0.9)
    history = games.train(gan, epochs=2)
    samples, conditions = games.data(21)
    results = gan.evaluate(
        samples, conditions, batch_size=8, verbose=0, return_dict=True
    )
    generated = gan.generate(7, conditions[:7], seed=1, batch_size=4)
    told = {"history": history, "evaluate": results}
    return told, [generated, *games.values(gan)]


def test_workers_end_alike(run):
    (first_told, first), (second_told, second) = run
    assert first_told == second_told
    for ours, theirs in zip(first, second, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_workers_equal_one_process(run, one):
    for ours, theirs in zip(run[0][1], one[1], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
    ours, theirs = run[0][0]["evaluate"], one[0]["evaluate"]
    assert ours == pytest.approx(theirs, abs=1e-5)


def test_killed_workers_resume_at_the_epoch_they_were_in(run, one):
    ours, theirs = run[0][0]["history"], one[0]["history"]
    for name in theirs:
        assert ours[name] == pytest.approx(theirs[name][1:], abs=1e-5)
