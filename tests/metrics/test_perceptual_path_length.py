"""Path lengths of generators of which they are known."""

import keras
import numpy as np
import pytest

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.metrics.perceptual_path_length import PerceptualPathLength
from keras_ganloss.metrics.perceptual_path_length import linear_interpolation
from keras_ganloss.metrics.perceptual_path_length import perceptual_path_length
from keras_ganloss.metrics.perceptual_path_length import spherical_interpolation
from tests.helpers.networks import begin_average

RANDOM = np.random.default_rng(0)


def test_arcs_by_hand():
    first, second = np.array([[2.0, 0.0]] * 3), np.array([[0.0, 4.0]] * 3)
    found = spherical_interpolation(first, second, [0.0, 1 / 3, 1.0])
    # A third of the right angle, and of the way from 2 to 4.
    middle = [8 / 3 * 0.75**0.5, 8 / 3 * 0.5]
    np.testing.assert_allclose(found, [[2, 0], middle, [0, 4]], atol=1e-12)


def test_arcs_stay_on_the_sphere_and_go_at_one_speed():
    first, second = RANDOM.normal(size=(2, 1, 5, 3))
    first, second = (each / np.linalg.norm(each) for each in (first, second))
    points = spherical_interpolation(
        np.repeat(first, 11, 0), np.repeat(second, 11, 0), np.linspace(0, 1, 11)
    )
    assert points.shape == (11, 5, 3)
    lengths = np.linalg.norm(points.reshape(11, -1), axis=1)
    np.testing.assert_allclose(lengths, 1.0, rtol=1e-12)
    steps = np.linalg.norm(np.diff(points.reshape(11, -1), axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-9)


@pytest.mark.parametrize("other", [[1.0, 2.0], [-3.0, -6.0], [0.0, 0.0]])
def test_arcs_without_an_angle_are_lines(other):
    first, second = np.array([[1.0, 2.0]]), np.array([other])
    found = spherical_interpolation(first, second, [0.25])
    np.testing.assert_allclose(found, 0.75 * first + 0.25 * second)


def test_linear_generator_along_lines():
    matrix = RANDOM.normal(size=(3, 5))
    found = perceptual_path_length(
        lambda latents: latents @ matrix,
        (3,),
        interpolate=linear_interpolation,
        kept=None,
        num_samples=300,
        seed=1,
    )
    # The step is epsilon times the way, wherever it is taken.
    ends = np.random.default_rng(1).normal(size=(2, 300, 3))
    ways = (ends[1] - ends[0]) @ matrix
    assert found == pytest.approx((ways**2).sum(axis=1).mean(), rel=1e-6)
    # In expectation over latents 2 |matrix|^2.
    assert found == pytest.approx(2.0 * (matrix**2).sum(), rel=0.2)


def test_linear_generator_along_arcs():
    # The step is epsilon times the angle, on a sphere of radius one, which
    # this generator makes three times as large.
    def on_the_sphere(first, second, positions):
        return spherical_interpolation(
            *(each / np.linalg.norm(each, axis=1, keepdims=True)
              for each in (first, second)),
            positions,
        )  # fmt: skip

    found = perceptual_path_length(
        lambda latents: 3.0 * latents,
        (4,),
        interpolate=on_the_sphere,
        kept=None,
        num_samples=200,
        seed=2,
    )
    ends = np.random.default_rng(2).normal(size=(2, 200, 4))
    ends /= np.linalg.norm(ends, axis=2, keepdims=True)
    angles = np.arccos((ends[0] * ends[1]).sum(axis=1))
    assert found == pytest.approx((9.0 * angles**2).mean(), rel=1e-6)


def test_features_of_a_network_and_batches_that_do_not_matter():
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    found = [
        perceptual_path_length(
            generator,
            (3,),
            network,
            num_samples=20,
            epsilon=1e-2,
            interpolate=linear_interpolation,
            kept=None,
            batch_size=batch_size,
            seed=0,
        )
        for batch_size in (7, 64)
    ]
    matrix = np.asarray(
        keras.ops.convert_to_numpy(generator.weights[0] @ network.weights[0])
    )
    ends = np.random.default_rng(0).normal(size=(2, 20, 3))
    expected = (((ends[1] - ends[0]) @ matrix) ** 2).sum(axis=1).mean()
    assert found == pytest.approx([expected] * 2, rel=1e-2)


def test_of_a_game_and_of_its_averaged_generator():
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    discriminator = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    gan = GAN(generator, discriminator)
    gan.compile(ema=0.5)
    begin_average(gan)
    weights = generator.get_weights()
    generator.set_weights([3.0 * weight for weight in weights])
    settings = {"num_samples": 20, "epsilon": 1e-2, "seed": 0}
    newest = perceptual_path_length(generator, (3,), **settings)
    averaged = perceptual_path_length(gan, gan.latent_shape, **settings)
    # The average has not followed yet.
    assert averaged == pytest.approx(newest / 9.0, rel=1e-2)


def test_single_jumps_do_not_count():
    def jumping(latents):
        jumps[0] += 1
        return latents + 1e6 * (jumps[0] == 1) * (np.arange(200) == 7)[:, None]

    lengths = []
    for kept in ((0.01, 0.99), None):
        jumps = [0]
        lengths.append(
            perceptual_path_length(
                jumping, (2,), kept=kept, num_samples=200, batch_size=200
            )
        )
    assert lengths[0] < 100.0 < 1e10 < lengths[1]


def test_one_sample_always():
    same = lambda latents: np.ones((len(latents), 2))  # noqa: E731
    assert perceptual_path_length(same, (3,), num_samples=1) == 0.0


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"num_samples": 0}, "Received: num_samples=0"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"epsilon": 0.0}, "epsilon=0.0"),
        ({"kept": (0.9, 0.1)}, r"Received: kept=\(0.9, 0.1\)"),
    ],
)
def test_errors(settings, message):
    with pytest.raises(ValueError, match=message):
        perceptual_path_length(lambda latents: latents, (2,), **settings)


def make_linear_game(matrix, **settings):
    """Returns a game that makes `latents @ matrix`, metrics by `compile`."""
    layer = keras.layers.Dense(matrix.shape[1], use_bias=False)
    generator = keras.Sequential([keras.Input((len(matrix),)), layer])
    layer.set_weights([matrix])
    discriminator = keras.Sequential(
        [keras.Input((matrix.shape[1],)), keras.layers.Dense(1)]
    )
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(**settings)
    return gan


def test_metric_in_games(tmp_path):
    matrix = RANDOM.normal(size=(3, 5)).astype("float32")
    metric = PerceptualPathLength("samples", num_samples=200, epsilon=0.01)
    gan = make_linear_game(matrix, metrics=[metric], ema=0.9)
    expected = perceptual_path_length(
        lambda latents: latents @ matrix.astype("float64"),
        (3,),
        num_samples=200,
        epsilon=0.01,
        seed=0,
    )
    samples = np.ones((8, 5), "float32")

    def measured(gan):
        logs = gan.evaluate(samples, verbose=0, return_dict=True)
        return logs["perceptual_path_length"]

    assert measured(gan) == pytest.approx(expected, rel=1e-3)
    # That of the averaged generator, which training has hardly moved.
    begin_average(gan)
    gan.generator.layers[0].set_weights([10.0 * matrix])
    assert measured(gan) == pytest.approx(expected, rel=1e-3)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert measured(loaded) == pytest.approx(measured(gan), rel=1e-6)


def test_metric_refuses_what_it_cannot_measure():
    with pytest.raises(ValueError, match="pass it to.*Received: no game"):
        PerceptualPathLength("samples").result()
    with pytest.raises(ValueError, match="epsilon=2"):
        PerceptualPathLength("samples", epsilon=2)
    latent, label = keras.Input((3,)), keras.Input((2,))
    both = keras.layers.Concatenate()([latent, label])
    generator = keras.Model([latent, label], keras.layers.Dense(4)(both))
    sample = keras.Input((4,))
    both = keras.layers.Concatenate()([sample, label])
    discriminator = keras.Model([sample, label], keras.layers.Dense(1)(both))
    gan = GAN(generator, discriminator)
    with pytest.raises(ValueError, match="nothing else.*Received: GAN"):
        gan.compile(metrics=[PerceptualPathLength("samples")])
    supervised = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    judge = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    gan = SupervisedGAN(supervised, judge, conditional=False)
    with pytest.raises(ValueError, match="latent_shape=None"):
        gan.compile(metrics=[PerceptualPathLength("samples")])
