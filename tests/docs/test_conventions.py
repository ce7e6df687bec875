"""What `docs/reference/conventions.md` says of formulas, in numbers."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss import losses
from keras_ganloss.metrics import classifier_score
from keras_ganloss.metrics.precision_recall_density_coverage import (
    precision_recall_density_coverage,
)

REAL = np.array([[-5.0], [1.4], [12.5], [0.7]], "float32")
FAKE = np.array([[10.0], [0.4], [-5.5], [3.6]], "float32")


def relu(values):
    return np.maximum(values, 0.0)


def test_hinge_has_no_half():
    expected = (relu(1 - REAL) + relu(1 + FAKE)).mean()
    assert float(losses.Hinge().d_loss(REAL, FAKE)) == pytest.approx(expected)


def test_a_hinge_for_the_generator_too():
    loss = losses.NonSaturating(losses.Hinge())
    expected = relu(1 - FAKE).mean()
    assert float(loss.g_loss(REAL, FAKE)) == pytest.approx(expected)


def test_least_squares_is_half_of_the_audio_models():
    loss = losses.LeastSquares()
    assert float(loss.d_loss(REAL, FAKE)) == pytest.approx(
        0.5 * ((1 - REAL) ** 2 + FAKE**2).mean()
    )
    assert float(loss.g_loss(REAL, FAKE)) == pytest.approx(
        0.5 * ((1 - FAKE) ** 2).mean()
    )


def test_relativistic_average_is_the_sum():
    def softplus(x):
        return np.log1p(np.exp(x))

    loss = losses.RelativisticAverage()
    expected = softplus(REAL.mean() - FAKE) + softplus(REAL - FAKE.mean())
    assert float(loss.g_loss(REAL, FAKE)) == pytest.approx(
        expected.mean(), rel=1e-5
    )


@pytest.mark.parametrize("size", [1, 2, 8])
def test_iterations_of_sinkhorn(size):
    random = np.random.default_rng(size)
    real, fake = random.normal(size=(2, 64, size)).astype("float32")

    def divergence(num_iterations):
        loss = losses.Sinkhorn(num_iterations=num_iterations)
        return float(loss.g_loss(real, fake + 0.5))

    converged = divergence(500)
    assert (
        0.96 * converged
        <= float(losses.Sinkhorn().g_loss(real, fake + 0.5))
        <= 0.9995 * converged
    )
    assert divergence(100) == pytest.approx(converged, rel=1e-3)


def test_a_fake_on_the_edge_of_a_ball_is_within():
    real, fake = [[0.0], [1.0], [2.0]], [[3.0], [9.0]]
    # The balls around real samples have the radius 1; 3 is 1 away from 2.
    scores = precision_recall_density_coverage(real, fake, k=1)
    assert scores["precision"] == 0.5
    assert scores["density"] == 0.5
    assert scores["coverage"] == pytest.approx(1 / 3)


def test_a_copy_is_within_a_ball_of_copies():
    real = [[0.0]] * 3
    fake = [[0.0], [20.0], [30.0]]
    scores = precision_recall_density_coverage(real, fake, k=2)
    # In three balls of radius 0, over k and three fakes.
    assert scores["density"] == 1 / 2
    assert scores["coverage"] == 1.0


def test_the_classifier_score_of_splits_is_smaller():
    logits = np.random.default_rng(0).normal(size=(100, 20))
    parts = [float(classifier_score(part)) for part in np.split(logits, 10)]
    whole = float(classifier_score(logits))
    # What splits know of each other is what they lose: on average, in
    # logarithms, never less than nothing.
    posterior = ops.convert_to_numpy(ops.softmax(ops.array(logits)))
    prior = posterior.mean(axis=0)
    expected = (posterior * np.log(posterior / prior)).sum(axis=1).mean()
    assert whole == pytest.approx(np.exp(expected), rel=1e-5)
    assert np.mean(parts) < whole
