"""Several torch processes, started by `torchrun`, stay in step."""

import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.helpers import limits

if limits.TORCH_DISTRIBUTED.applies:
    pytest.skip(limits.TORCH_DISTRIBUTED.reason, allow_module_level=True)

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import games  # noqa: E402
import torch_worker  # noqa: E402


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """Where two processes wrote their results."""
    directory = tmp_path_factory.mktemp("processes")
    command = "-m torch.distributed.run --standalone --nproc_per_node=2"
    run = subprocess.run(
        [sys.executable, *command.split(), HERE / "torch_worker.py", directory],
        env={
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])]),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout
    return directory


@pytest.mark.parametrize("case", sorted(torch_worker.CASES))
def test_two_processes_equal_one(directory, case):
    gan = torch_worker.game(case)
    history = games.train(gan, 80)
    expected = torch_worker.results(gan, history)
    for rank in range(2):
        results = np.load(directory / f"{case}_{rank}.npz")
        assert set(results) == set(expected)
        largest = max(
            np.abs(results[name] - expected[name]).max() for name in expected
        )
        print("largest difference:", case, largest)
        for name, value in expected.items():
            np.testing.assert_allclose(
                results[name], value, atol=1e-6, err_msg=name
            )


@pytest.mark.parametrize("case", [*sorted(torch_worker.CASES), "noisy"])
def test_processes_are_the_same_bit_for_bit(directory, case):
    """Started from other weights and seeds, with moving statistics."""
    first, second = (
        np.load(directory / f"{case}_{rank}.npz") for rank in range(2)
    )
    names = set(first) - {"fake", "error", "kept"}
    assert [n for n in names if not np.array_equal(first[n], second[n])] == []


def test_processes_draw_noise_of_their_own(directory):
    first, second = (
        np.load(directory / f"noisy_{rank}.npz")["fake"] for rank in range(2)
    )
    assert first.shape == (5, 2) and second.shape == (3, 2)
    assert np.abs(first[:3] - second).min() > 1e-3


def test_the_first_process_saves_for_all(directory):
    gan = keras.saving.load_model(directory / "noisy.keras")
    saved = np.load(directory / "noisy_1.npz")
    for index, value in enumerate(games.values(gan)):
        np.testing.assert_array_equal(value, saved[f"value_{index}"])
    # Ten draws of latents, as one process would have made.
    np.testing.assert_array_equal(saved["seed"], [0, 10])


def test_other_numbers_of_batches_are_refused(directory):
    for rank in range(2):
        message = str(np.load(directory / f"noisy_{rank}.npz")["error"])
        assert "the same number of batches" in message
        assert f"{2 + rank} batches in this process, from 2 to 3" in message


def test_metrics_that_keep_samples_are_refused_in_compile(directory):
    for rank in range(2):
        message = str(np.load(directory / f"noisy_{rank}.npz")["kept"])
        assert message.endswith("Received: 2 replicas")


def test_train_on_batch_and_evaluate_are_joint(directory):
    gan = torch_worker.measured_game()
    samples, conditions = games.data(80)
    expected = [
        gan.train_on_batch(samples[:8], conditions[:8], return_dict=True),
        gan.evaluate(samples, conditions, 8, verbose=0, return_dict=True),
    ]
    assert "frechet_distance" in expected[1]
    for rank in range(2):
        found = json.loads((directory / f"logs_{rank}.json").read_text())
        for logs, expected_logs in zip(found, expected):
            assert logs == pytest.approx(expected_logs, abs=1e-6, nan_ok=True)
