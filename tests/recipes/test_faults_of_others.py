"""What published code got wrong, and a test of ours that would catch it."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import SupervisedGAN
from keras_ganloss import backend
from keras_ganloss import distances
from keras_ganloss import losses
from keras_ganloss import networks
from keras_ganloss import penalties
from keras_ganloss.utils.features import features

# Every second sample has the other sign: what any smoothing takes away.
ALTERNATING = np.tile([1.0, -1.0], 32).reshape(1, 64, 1).astype("float32")


def array(x):
    return ops.convert_to_numpy(x)


def gradient(function, x):
    """The gradient of a scalar by a tensor."""
    x = keras.Variable(x)
    _, _, ((found,),) = backend.compute_gradients(
        lambda: ([function(x.value)], None), [[x]], [lambda loss: loss]
    )
    return array(found)


def test_fakes_teach_the_discriminator():
    """LlamaGen swaps labels and logits, so that fakes have no gradient."""
    real, fake = np.array([[2.0], [-1.0]]), np.array([[0.5], [-3.0]])
    loss = losses.get("modified_minimax")
    value = float(loss.d_loss(real, fake))
    assert 0.5 * value == pytest.approx(0.6157, abs=1e-4)  # Theirs: 0.7532.
    slope = gradient(lambda f: loss.d_loss(real, f), fake.astype("float32"))
    sigmoid = 1.0 / (1.0 + np.exp(-fake))
    np.testing.assert_allclose(slope, sigmoid / 2, rtol=1e-5)


@pytest.mark.parametrize(
    "make, layer",
    [
        (
            lambda: networks.MultiScale(
                lambda shape: networks.PatchDiscriminator(shape, 2, 1),
                (64, 1),
                scales=2,
            ),
            "scale_2_sample",
        ),
        (
            lambda: networks.ScaleDiscriminator((64, 1), 2, 16),
            "scale_2_pooling",
        ),
    ],
)
def test_scales_are_scales(make, layer):
    """Audiocraft forgets to keep the smoothed signal: all hear the first."""
    heard = array(features(make(), [layer])(ALTERNATING))
    assert heard.shape[1] in (32, 33)
    # At the ends the signal meets the zeros beyond.
    np.testing.assert_allclose(heard[:, 1:-1], 0.0, atol=1e-6)


def test_generator_asks_the_discriminators():
    """Magvit2-pytorch takes the pixels themselves for logits at scales."""
    network = networks.MultiScale(
        lambda shape: networks.PatchDiscriminator(
            shape, 2, 1, normalization=None
        ),
        (16, 16, 1),
        scales=2,
    )
    for scale, logit in ((1, 0.25), (2, 0.5)):
        last = network.get_layer(f"scale_{scale}_logits")
        last.kernel.assign(np.zeros(last.kernel.shape))
        last.bias.assign([logit])
    generator = keras.Sequential(
        [keras.Input((16, 16, 1)), layers.Conv2D(1, 1)]
    )
    game = SupervisedGAN(generator, network, conditional=False)
    game.compile(d_loss="hinge", loss="mse", loss_weights={"supervised": 0.0})
    images = np.full((2, 16, 16, 1), 7.0, "float32")
    logs = game.evaluate(images, images, return_dict=True, verbose=0)
    assert logs["g_loss"] == pytest.approx(-0.75)


def test_penalties_heed_all_outputs():
    """Gigagan-pytorch takes the first of three gradients."""
    image = keras.Input((2,))
    outputs = [layers.Dense(1)(image) for _ in range(3)]
    network = keras.Model(image, outputs)
    slopes = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 4.0]], "float32")
    for layer, slope in zip(network.layers[1:], slopes):
        layer.kernel.assign(slope[:, None])
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    game = SupervisedGAN(generator, network, conditional=False)
    game.compile(d_loss="hinge", penalties=[penalties.R1(2.0)])
    points = np.ones((4, 2), "float32")
    logs = game.evaluate(points, points, return_dict=True, verbose=0)
    # That of the sum of the outputs, (4, 6).
    assert logs["r1"] == pytest.approx(52.0)


def test_norms_of_gradients_are_those_of_samples():
    """BasicSR takes them over channels, pixel by pixel."""
    network = keras.Sequential(
        [
            keras.Input((2, 2, 3)),
            layers.Flatten(),
            layers.Dense(1, kernel_initializer="ones"),
        ]
    )
    generator = keras.Sequential([keras.Input((2, 2, 3)), layers.Dense(3)])
    game = SupervisedGAN(generator, network, conditional=False)
    game.compile(
        d_loss="wasserstein", penalties=[penalties.GradientPenalty(10.0)]
    )
    images = np.ones((4, 2, 2, 3), "float32")
    logs = game.evaluate(images, images, return_dict=True, verbose=0)
    right = 10.0 * (np.sqrt(12.0) - 1.0) ** 2
    assert logs["gradient_penalty"] == pytest.approx(right, rel=1e-5)


def test_mels_are_compared_as_logarithms_once():
    """BigVGAN calls a weight of logarithms one of magnitudes."""
    noise = np.random.default_rng(0).normal(0, 99, (1, 4096)).astype("float32")
    found = distances.MultiScaleMel()(noise, 0.5 * noise)
    assert float(array(found)) == pytest.approx(7 * np.log10(2.0), rel=1e-4)
