"""Games with ready networks: several outputs, conditions, features."""

import importlib.util

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss import networks
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import FeatureMatching
from keras_ganloss.pretrained import efficientnet_lite0

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.normal(size=(8, 12, 12, 1)).astype("float32")
AUDIO = RANDOM.normal(size=(8, 32, 1)).astype("float32")


def sgd():
    return keras.optimizers.SGD(0.0)


def logs_of(gan, *data):
    history = gan.fit(*data, batch_size=8, epochs=1, verbose=0, shuffle=False)
    return {key: values[0] for key, values in history.history.items()}


def numpy(outputs):
    return [ops.convert_to_numpy(leaf) for leaf in keras.tree.flatten(outputs)]


def softplus(x):
    return np.logaddexp(0.0, x)


def test_losses_of_all_outputs_are_added_up():
    network = networks.PeriodDiscriminator((32, 1), (2, 3), 1)
    generator = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(32, kernel_initializer="zeros"),
            keras.layers.Reshape((32, 1)),
        ]
    )
    real, fake = network(AUDIO), network(np.zeros_like(AUDIO))
    expected = sum(
        softplus(-r).mean() + softplus(f).mean()
        for r, f in zip(numpy(real), numpy(fake), strict=True)
    )
    gan = GAN(generator, network)
    gan.compile(sgd(), sgd(), d_loss="modified_minimax")
    logs = logs_of(gan, AUDIO)
    assert logs["d_loss"] == pytest.approx(expected, rel=1e-4)
    expected = sum(softplus(-f).mean() for f in numpy(fake))
    assert logs["g_loss"] == pytest.approx(expected, rel=1e-4)


def test_answer_and_input_are_judged_together(tmp_path):
    """pix2pix on two scales, with features of both and a saved game."""
    network = networks.MultiScale(
        lambda shape, condition_shape: networks.PatchDiscriminator(
            shape, 2, 1, normalization=None, condition_shape=condition_shape
        ),
        (12, 12, 1),
        2,
        (12, 12, 1),
    )
    generator = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            keras.layers.Conv2D(1, 1, kernel_initializer="zeros"),
        ]
    )
    names = ["scale_1_activation_1", "scale_2_activation_1"]
    gan = SupervisedGAN(generator, network)
    gan.compile(
        g_optimizer=sgd(),
        d_optimizer=sgd(),
        loss="mae",
        d_loss="hinge",
        g_penalties=[FeatureMatching(names, distance="mae")],
    )
    targets = IMAGES[::-1].copy()
    fakes = np.zeros_like(targets)
    inner = keras.Model(
        network.inputs, [network.get_layer(name).output for name in names]
    )
    real, fake = numpy(network([targets, IMAGES])), network([fakes, IMAGES])
    seen = numpy(inner([targets, IMAGES])), numpy(inner([fakes, IMAGES]))
    expected = sum(
        np.maximum(0, 1 - r).mean() + np.maximum(0, 1 + f).mean()
        for r, f in zip(real, numpy(fake), strict=True)
    )
    logs = logs_of(gan, IMAGES, targets)
    assert logs["d_loss"] == pytest.approx(expected, rel=1e-4)
    expected = sum(abs(a - b).mean() for a, b in zip(*seen, strict=True))
    assert logs["feature_matching"] == pytest.approx(expected, rel=1e-3)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(
        again.predict(IMAGES, verbose=0), gan.predict(IMAGES, verbose=0)
    )


def test_frozen_features_do_not_learn_and_do_not_drop_out():
    from tests.helpers.network_cases import trunk

    features = trunk()
    network = networks.ProjectedDiscriminator((16, 16, 3), features, 2)
    images = RANDOM.normal(size=(4, 16, 16, 3)).astype("float32")
    mixed = keras.Model(network.input, network.get_layer("mixed_1").output)
    # In training, its layers of dropout are as in testing.
    first, again, tested = (
        numpy(mixed(images, training=training))[0]
        for training in (True, True, False)
    )
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, tested)
    names = {weight.path.split("/")[0] for weight in network.trainable_weights}
    assert names and all(name.startswith("head_") for name in names)


def test_nothing_of_the_networks_is_changed_by_putting_them_together():
    part = networks.PatchDiscriminator((16, 1), 2, 1)
    names = [layer.name for layer in part.layers]
    both = networks.Ensemble({"one": part, "two": part})
    assert [layer.name for layer in part.layers] == names
    signal = RANDOM.normal(size=(3, 16, 1)).astype("float32")
    (expected,) = numpy(part(signal))
    for found in numpy(both(signal)):
        np.testing.assert_array_equal(found, expected)
    # Copies learn each by itself.
    assert len(both.trainable_weights) == 2 * len(part.trainable_weights)


def test_scales_see_averages():
    seen = []

    def make(shape, condition_shape):
        seen.append((shape, condition_shape))
        one, other = keras.Input(shape), keras.Input(condition_shape)
        x = keras.layers.Flatten()(one)
        y = keras.layers.Flatten()(other)
        return keras.Model([one, other], keras.layers.Concatenate()([x, y]))

    network = networks.MultiScale(make, (4, 1), 2, (5,))
    assert seen == [((4, 1), (5,)), ((2, 1), (5,))]
    sample = np.array([[[1.0], [3.0], [5.0], [9.0]]], "float32")
    vector = np.array([[1.0, 2.0, 3.0, 4.0, 5.0]], "float32")
    whole, half = numpy(network([sample, vector]))
    np.testing.assert_allclose(whole, [[1, 3, 5, 9, 1, 2, 3, 4, 5]])
    np.testing.assert_allclose(half, [[2, 7, 1, 2, 3, 4, 5]])


def test_smaller_conditions_are_repeated():
    from keras_ganloss.networks import blocks

    inputs, x = blocks.open_inputs((4, 2, 1), (2, 1, 1))
    condition = np.array([[[[1.0]], [[2.0]]]], "float32")
    (found,) = numpy(
        keras.Model(inputs, x)([np.zeros((1, 4, 2, 1), "float32"), condition])
    )
    np.testing.assert_array_equal(
        found[0, :, :, 1], [[1, 1], [1, 1], [2, 2], [2, 2]]
    )
    inputs, x = blocks.open_inputs((3, 1), (2,))
    condition = np.array([[1.0, 2.0]], "float32")
    (found,) = numpy(
        keras.Model(inputs, x)([np.zeros((1, 3, 1), "float32"), condition])
    )
    np.testing.assert_array_equal(found[0], [[0, 1, 2]] * 3)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: networks.PatchDiscriminator((16, 16, 3)), "input_shape="),
        (lambda: networks.PatchDiscriminator(28), "input_shape=28"),
        (lambda: networks.PatchDiscriminator((28, 28, None)), "input_shape="),
        (
            lambda: networks.PatchDiscriminator((9, 9, 9, 9, 1)),
            "input_shape=",
        ),
        (
            lambda: networks.PatchDiscriminator(
                (32, 32, 1), condition_shape=(12, 12, 1)
            ),
            r"input_shape=\(32, 32, 1\), condition_shape=\(12, 12, 1\)",
        ),
        (lambda: networks.UNetDiscriminator((28, 28, 1)), "input_shape="),
        (
            lambda: networks.ResidualDiscriminator((None, 8, 1)),
            "input_shape=",
        ),
        (lambda: networks.ScaleDiscriminator(filters=8), "filters=8"),
        (
            lambda: networks.SpectrogramDiscriminator(bands=(0.5, 0.1)),
            "bands=",
        ),
        (
            lambda: networks.SpectrogramDiscriminator((512, 1)),
            "input_shape=",
        ),
        (
            lambda: networks.MultiScale(
                networks.PatchDiscriminator, (2, 2, 1), 3
            ),
            "input_shape=",
        ),
        (
            lambda: networks.MultiScale(
                lambda shape: keras.Sequential([keras.layers.Dense(1)]), (8, 1)
            ),
            "network='sequential",
        ),
        (lambda: networks.Ensemble([]), "networks="),
        (
            lambda: networks.Ensemble(
                {
                    "a": networks.PatchDiscriminator((16, 1), 1, 1),
                    "b": networks.PatchDiscriminator((32, 1), 1, 1),
                }
            ),
            "networks with",
        ),
        (
            lambda: networks.ProjectedDiscriminator((8, 8, 3), "vgg"),
            "features='vgg'",
        ),
        (
            lambda: networks.ProjectedDiscriminator(
                (8, 8, 3),
                keras.Sequential(
                    [keras.Input((8, 8, 3)), keras.layers.Conv2D(1, 1)]
                ),
            ),
            "features=.* trainable weights",
        ),
        (
            lambda: networks.ProjectedDiscriminator(
                (8, 8, 3), condition_shape=(8, 8, 1)
            ),
            "condition_shape=",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match="Received: " + message):
        make()


def test_lengths_may_vary():
    """`None` where the network allows it gives the logits of any size."""
    wide = networks.PeriodDiscriminator((None, 1), (3,), 1)
    fixed = networks.PeriodDiscriminator((32, 1), (3,), 1)
    fixed.set_weights(wide.get_weights())
    np.testing.assert_allclose(
        numpy(wide.predict(AUDIO, verbose=0))[0],
        numpy(fixed(AUDIO))[0],
        atol=1e-6,
    )


def test_r1_of_a_ready_network():
    """Against the squared slopes of the logits, one input at a time."""
    network = networks.PatchDiscriminator((8, 1), 2, 1, normalization=None)
    generator = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8),
            keras.layers.Reshape((8, 1)),
        ]
    )
    real = AUDIO[:, :8]
    step = 1e-2
    shifts = step * np.eye(8, dtype="float32")[..., None]
    slopes = [
        (numpy(network(real + shift))[0] - numpy(network(real - shift))[0]).sum(
            axis=(1, 2)
        )
        / (2 * step)
        for shift in shifts
    ]
    expected = 0.5 * np.square(slopes).sum(axis=0).mean()
    gan = GAN(generator, network)
    gan.compile(sgd(), sgd(), penalties=[R1(1.0)])
    assert logs_of(gan, real)["r1"] == pytest.approx(expected, rel=0.05)


@pytest.mark.skipif(
    importlib.util.find_spec(efficientnet_lite0.PACKAGE) is None,
    reason="The package of the weights is not installed.",
)
def test_features_of_efficientnet_lite0():
    """Its maps are those of the metrics' network, of pixels from 0 to 255."""
    network = networks.ProjectedDiscriminator((32, 32, 1), filters=2)
    # Of 112, 56, 28 and 14 pixels, each halved to 7: 4 x 4 logits.
    assert network.output_shape == (None, 4 * 16)
    image = RANDOM.uniform(-1, 1, size=(1, 32, 32, 1)).astype("float32")
    maps = keras.Model(network.input, network.get_layer("features").output)
    found = numpy(maps(image))
    assert [one.shape[1:] for one in found] == [
        (56, 56, 24),
        (28, 28, 40),
        (14, 14, 112),
        (7, 7, 320),
    ]
    large = ops.image.resize(image, (224, 224), data_format="channels_last")
    original = efficientnet_lite0.load_network()
    inner = keras.Model(original.inputs, original.get_layer("block_16").output)
    prepared = (127.5 * (large + 1.0) - 127.0) / 128.0
    (expected,) = numpy(inner(ops.repeat(prepared, 3, axis=-1)))
    np.testing.assert_allclose(found[-1], expected, rtol=1e-2, atol=1e-3)
