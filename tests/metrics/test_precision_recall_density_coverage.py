"""Precision, recall, density, coverage: by hand, by loops, by expectation."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics import pairwise
from keras_ganloss.metrics.precision_recall_density_coverage import (
    PrecisionRecallDensityCoverage,
)
from keras_ganloss.metrics.precision_recall_density_coverage import (
    precision_recall_density_coverage,
)

RANDOM = np.random.default_rng(0)


def test_by_hand():
    # Balls of real samples: [-1, 1], [0, 2], [1, 5]; of fakes, with radii
    # 1, 1 and 7: [-0.5, 1.5], [0.5, 2.5], [1.5, 15.5].
    found = precision_recall_density_coverage(
        real_features=[[0.0], [1.0], [3.0]],
        fake_features=[[0.5], [1.5], [8.5]],
        k=1,
    )
    # The fakes lie in 2, 2 and 0 balls; 3.0 lies in the ball of 8.5.
    assert found == {
        "precision": pytest.approx(2 / 3),
        "recall": 1.0,
        "density": pytest.approx(4 / 3),
        "coverage": 1.0,
    }


def by_loops(real, fake, k):
    def radii(samples):
        return [
            sorted(np.linalg.norm(sample - other) for other in samples)[k]
            for sample in samples
        ]

    def inside(points, centers):
        return np.array(
            [
                [
                    np.linalg.norm(point - center) <= radius
                    for center, radius in zip(centers, radii(centers))
                ]
                for point in points
            ]
        )

    return {
        "precision": inside(fake, real).any(axis=1).mean(),
        "recall": inside(real, fake).any(axis=1).mean(),
        "density": inside(fake, real).sum() / (k * len(fake)),
        "coverage": inside(fake, real).any(axis=0).mean(),
    }


@pytest.mark.parametrize("block", [1, 200, 2**22])
def test_same_as_loops_whatever_the_blocks(block, monkeypatch):
    monkeypatch.setattr(pairwise, "BLOCK", block)
    real = RANDOM.normal(size=(40, 3))
    fake = 0.7 * RANDOM.normal(size=(30, 3)) + 0.5
    found = precision_recall_density_coverage(real, fake, k=3)
    assert found == pytest.approx(by_loops(real, fake, 3), rel=1e-12)


def test_expectations_for_the_same_distribution():
    k, num, repeats = 3, 30, 200
    found = [
        precision_recall_density_coverage(
            RANDOM.normal(size=(num, 2)), RANDOM.normal(size=(num, 2)), k
        )
        for _ in range(repeats)
    ]
    coverage = np.mean([each["coverage"] for each in found])
    density = np.mean([each["density"] for each in found])
    # A ball is missed where its k neighbors come first among all others.
    missed = np.prod([(num - i) / (2 * num - i) for i in range(1, k + 1)])
    assert coverage == pytest.approx(1.0 - missed, abs=0.02)
    assert density == pytest.approx(1.0, abs=0.05)


def test_fakes_on_one_of_two_modes_are_precise_but_cover_half():
    real = RANDOM.normal(size=(100, 2))
    real[50:] += 100.0
    found = precision_recall_density_coverage(
        ops.array(real), ops.array(real[:50]), k=2
    )
    assert found["precision"] == 1.0
    assert found["recall"] == found["coverage"] == 0.5


def test_fakes_far_away():
    real = RANDOM.normal(size=(20, 2))
    found = precision_recall_density_coverage(real, real + 1e6, k=2)
    assert set(found.values()) == {0.0}


def test_samples_that_are_all_equal():
    same = np.full((5, 3), 0.1)
    found = precision_recall_density_coverage(same, same, k=2)
    assert found == {
        "precision": 1.0,
        "recall": 1.0,
        "density": 2.5,  # All 5 balls hold each fake.
        "coverage": 1.0,
    }
    other = precision_recall_density_coverage(same, same + 1.0, k=2)
    assert set(other.values()) == {0.0}


@pytest.mark.parametrize(
    "num_real, num_fake, k", [(5, 3, 3), (3, 5, 3), (1, 1, 1), (3, 3, 0)]
)
def test_too_few_samples(num_real, num_fake, k):
    with pytest.raises(ValueError, match=f"Received: k={k}, {num_real} real"):
        precision_recall_density_coverage(
            np.ones((num_real, 1)), np.ones((num_fake, 1)), k
        )


@pytest.mark.parametrize("batches", [[30], [11, 11, 8], [29, 1]])
def test_class_says_what_the_function_says_in_any_batches(batches):
    real, fake = RANDOM.normal(size=(2, 30, 2)).astype("float32")
    metric = PrecisionRecallDensityCoverage("samples", k=3, num_samples=25)
    metric.update_state(ops.array(fake), ops.array(fake))
    metric.reset_state()
    starts = np.cumsum(batches)[:-1]
    for parts in zip(np.split(real, starts), np.split(fake, starts)):
        metric.update_state(*(ops.array(part) for part in parts))
    expected = precision_recall_density_coverage(real[:25], fake[:25], k=3)
    assert metric.result() == expected


def test_class_with_too_few_samples():
    metric = PrecisionRecallDensityCoverage("samples", k=3)
    metric.update_state(np.ones((3, 1)), np.ones((3, 1)))
    with pytest.raises(ValueError, match="Received: 3 real and 3 made"):
        metric.result()
