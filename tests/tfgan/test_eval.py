"""`tfgan.eval` on every backend: numbers by hand, and errors."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import metrics
from keras_ganloss.tfgan import eval as tfgan_eval

FEATURES = np.random.default_rng(0).normal(size=(2, 12, 3)).astype("float32")


def test_score_of_a_sure_and_even_classifier_is_the_number_of_classes():
    logits = 50.0 * np.tile(np.eye(4, dtype="float32"), (3, 1))
    score = tfgan_eval.classifier_score(logits, lambda x: x, num_batches=3)
    assert float(score) == pytest.approx(4.0)


def test_mean_only_distance_by_hand():
    first, second = np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[4.0, 2.0]])
    distance = tfgan_eval.mean_only_frechet_classifier_distance_from_activations
    assert float(distance(first, second)) == pytest.approx(9.0)


def test_diagonal_only_distance_by_hand():
    # Biased variances 1 and 9, means 1 and 3: (1 - 3)^2 + (3 - 1)^2.
    first, second = np.array([[0.0], [2.0]]), np.array([[0.0], [6.0]])
    distance = (
        tfgan_eval.diagonal_only_frechet_classifier_distance_from_activations
    )
    assert float(distance(first, second)) == pytest.approx(8.0)


def test_distance_of_what_a_classifier_sees_is_that_of_its_features():
    found = tfgan_eval.frechet_classifier_distance(
        *FEATURES, lambda x: 2.0 * x, num_batches=3
    )
    expected = metrics.frechet_distance(
        *metrics.mean_and_covariance(2.0 * FEATURES[0]),
        *metrics.mean_and_covariance(2.0 * FEATURES[1]),
    )
    assert float(found) == pytest.approx(float(expected), rel=1e-5)


def test_kernel_distance_is_the_mean_of_blocks_with_its_error():
    blocks = [slice(0, 4), slice(4, 8), slice(8, 12)]
    values = [
        float(metrics.kernel_distance(FEATURES[0][b], FEATURES[1][b]))
        for b in blocks
    ]
    found = tfgan_eval.kernel_classifier_distance_and_std_from_activations(
        *FEATURES, max_block_size=5
    )
    mean, error = (float(value) for value in found)
    assert mean == pytest.approx(np.mean(values), rel=1e-4)
    assert error == pytest.approx(np.std(values, ddof=1) / 3**0.5, rel=1e-4)


def test_blocks_are_of_about_the_same_size_the_larger_ones_last():
    first, second = FEATURES[0][:5], FEATURES[1][:7]
    found = tfgan_eval.kernel_classifier_distance_from_activations(
        first, second, max_block_size=4
    )
    expected = [
        float(metrics.kernel_distance(first[:2], second[:3])),
        float(metrics.kernel_distance(first[2:], second[3:])),
    ]
    assert float(found) == pytest.approx(np.mean(expected), rel=1e-4)


def test_float64_keeps_digits_on_every_backend():
    first = FEATURES[0].astype("float64")
    found = tfgan_eval.kernel_classifier_distance_from_activations(
        first, first + 1e-7, dtype="float64"
    )
    kernel = (first @ first.T / 3 + 1) ** 3
    other = first + 1e-7
    across = (first @ other.T / 3 + 1) ** 3
    both = (other @ other.T / 3 + 1) ** 3
    pairs = 12 * 11
    expected = (
        (kernel.sum() - kernel.trace()) / pairs
        + (both.sum() - both.trace()) / pairs
        - 2 * across.mean()
    )
    assert float(found) == pytest.approx(expected, rel=1e-10)


def test_samples_are_made_part_by_part():
    seen = []

    def sample(part):
        seen.append(len(part))
        return part + 1.0

    found = tfgan_eval.sample_and_run_classifier_fn(
        sample, [np.zeros((2, 1)), np.ones((2, 1))], lambda x: 10.0 * x
    )
    assert seen == [2, 2]
    found = ops.convert_to_numpy(ops.convert_to_tensor(found))
    assert found[:, 0].tolist() == [10.0, 10.0, 20.0, 20.0]


@pytest.mark.parametrize("use_svd", [False, True])
def test_sliced_wasserstein_distance_is_small_for_the_same_images(use_svd):
    generator = np.random.default_rng(0)
    images = generator.uniform(size=(8, 32, 32, 3)).astype("float32")
    stripes = images * (np.arange(32) % 2)[:, None].astype("float32")
    distances = tfgan_eval.sliced_wasserstein_distance(
        images, stripes, use_svd=use_svd, seed=0
    )
    assert len(distances) == 2
    real, fake = (float(value) for value in distances[0])
    assert 0.0 < real < 0.5 * fake


def test_sliced_wasserstein_distance_is_a_function_of_the_seed():
    images = np.random.default_rng(0).normal(size=(2, 2, 16, 16, 3))
    first, again, other = (
        float(tfgan_eval.sliced_wasserstein_distance(*images, seed=seed)[0][1])
        for seed in (0, 0, 1)
    )
    assert first == again != other


def test_grid_by_hand():
    images = np.arange(4.0).reshape(4, 1, 1, 1) * np.ones((1, 1, 2, 1))
    expected = [[0.0, 0.0, 1.0, 1.0], [2.0, 2.0, 3.0, 3.0]]
    grid = ops.convert_to_numpy(
        tfgan_eval.image_grid(images, (2, 2), (1, 2), num_channels=1)
    )
    assert grid.shape == (1, 2, 4, 1)
    assert grid[0, :, :, 0].tolist() == expected
    grid = tfgan_eval.python_image_grid(images, (2, 2))
    assert grid[:, :, 0].tolist() == expected


def test_reshaper_fills_the_last_row_with_black():
    images = ops.ones((3, 1, 1, 1))
    grid = ops.convert_to_numpy(tfgan_eval.image_reshaper(images))
    assert grid[0, :, :, 0].tolist() == [[1.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: tfgan_eval.classifier_score_from_logits(np.zeros(3)),
            r"logits.shape=\(3,\)",
        ),
        (
            lambda: tfgan_eval.frechet_classifier_distance_from_activations(
                np.zeros((3, 2)), np.zeros((3, 4))
            ),
            "as many columns",
        ),
        (
            lambda: tfgan_eval.run_classifier_fn(
                np.zeros((3, 2)), lambda x: x, num_batches=2
            ),
            "num_batches=2",
        ),
        (
            lambda: tfgan_eval.sliced_wasserstein_distance(
                np.zeros((2, 16, 16, 1)), np.zeros((2, 16, 16, 1))
            ),
            r"real_images.shape=\(2, 16, 16, 1\)",
        ),
        (
            lambda: tfgan_eval.image_grid(np.zeros((5, 32, 32, 3)), (2, 2)),
            r"grid_shape=\(2, 2\) for 5 images",
        ),
        (
            lambda: tfgan_eval.image_grid(np.zeros((4, 8, 8, 3)), (2, 2)),
            r"image_shape=\(32, 32\)",
        ),
        (
            lambda: tfgan_eval.python_image_grid(np.zeros((4, 8, 8)), (2, 2)),
            r"input_array.shape=\(4, 8, 8\)",
        ),
        (
            lambda: tfgan_eval.image_reshaper(np.zeros((4, 8, 8, 2))),
            "one or three",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_compiled_by_jax():
    if keras.backend.backend() != "jax":
        pytest.skip("`jax.jit` is JAX's")
    import jax

    distance = tfgan_eval.frechet_classifier_distance_from_activations
    np.testing.assert_allclose(
        jax.jit(distance)(*FEATURES), distance(*FEATURES), rtol=1e-4
    )
