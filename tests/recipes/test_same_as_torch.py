"""One step of recipes against the published one, written down in torch.

The same weights, the same batch; each paper's losses from its formulas, in the
order of its code.
"""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import SupervisedGAN
from keras_ganloss import distances
from keras_ganloss import networks
from keras_ganloss import recipes
from keras_ganloss.layers import SpectralNormalization
from tests.helpers import torch_step
from tests.helpers.torch_step import Weights
from tests.helpers.torch_step import channels_first
from tests.helpers.torch_step import tensor

torch = torch_step.torch
functional = torch_step.functional


def normal(*shape, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=shape).astype("float32")


def leaky(x, slope):
    return functional.leaky_relu(x, slope)


def step(generator, discriminator, settings, x, y):
    """One step of ours by plain gradient descent; returns game and logs."""
    game = SupervisedGAN(generator, discriminator, conditional=False)
    rates = {
        "d_optimizer": torch_step.optimizer(),
        "g_optimizer": torch_step.optimizer(),
    }
    game.compile(**{**settings, **rates})
    return game, game.train_on_batch(x, y, return_dict=True)


def assert_same_step(game, logs, expected, g_gradients, d_gradients):
    """Compares logs, and both players' gradients, with those of torch."""
    for name, value in expected.items():
        found = float(logs[name])
        assert found == pytest.approx(value.item(), rel=2e-5), name
    torch_step.assert_same_gradients(game.g_optimizer, g_gradients)
    torch_step.assert_same_gradients(game.d_optimizer, d_gradients)


def enlarger():
    """From small pictures to those of twice the size."""
    image = keras.Input((6, 6, 3))
    x = layers.Conv2D(5, 3, padding="same", activation="tanh", name="in")(image)
    x = layers.UpSampling2D(2)(x)
    return keras.Model(
        image, layers.Conv2D(3, 3, padding="same", name="out")(x)
    )


def enlarge(weights, image):
    x = torch.tanh(weights.conv(channels_first(image), "in", padding=1))
    x = functional.interpolate(x, scale_factor=2, mode="nearest")
    return weights.conv(x, "out", padding=1)


def patches(weights, x):
    """A patch discriminator of one layer with strides."""
    x = leaky(weights.conv(x, "conv_1", stride=2, padding=1), 0.2)
    x = weights.conv(x, "conv_2", padding=1)
    x = leaky(weights.batch_norm(x, "normalization_2"), 0.2)
    return weights.conv(x, "logits", padding=1)


def seer():
    """In place of a network that knows pictures."""
    network = keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.Conv2D(4, 3, padding="same", activation="relu", name="a"),
            layers.Conv2D(6, 3, padding="same", name="b"),
        ]
    )
    network.trainable = False
    return network


def see(network, x):
    """What the second layer of `seer` sees."""
    for name in ("a", "b"):
        layer = network.get_layer(name)
        kernel = tensor(layer.kernel).permute(3, 2, 0, 1)
        x = functional.conv2d(x, kernel, tensor(layer.bias), padding=1)
        x = functional.relu(x) if name == "a" else x
    return x


def binary(logits, label):
    """The mean cross-entropy of logits with one label for all."""
    return functional.binary_cross_entropy_with_logits(
        logits, torch.full_like(logits, label)
    )


def test_esrgan():
    keras.utils.set_random_seed(0)
    small, large = normal(4, 6, 6, 3), normal(4, 12, 12, 3, seed=1)
    generator = enlarger()
    discriminator = networks.PatchDiscriminator((12, 12, 3), 4, num_layers=1)
    vgg = seer()
    g, d = Weights(generator), Weights(discriminator)
    game, logs = step(
        generator,
        discriminator,
        recipes.esrgan(distances.Perceptual(vgg, distance="mae")),
        small,
        large,
    )

    real = channels_first(torch.tensor(large))
    fake = enlarge(g, torch.tensor(small))
    pixel = (fake - real).abs().mean()
    perceptual = (see(vgg, fake) - see(vgg, real)).abs().mean()
    real_output, fake_output = patches(d, real).detach(), patches(d, fake)
    adversarial = 0.5 * (
        binary(real_output - fake_output.mean(), 0.0)
        + binary(fake_output - real_output.mean(), 1.0)
    )
    g_loss = 1e-2 * pixel + perceptual + 5e-3 * adversarial
    g_gradients = g.descend(g_loss)

    real_output, fake_output = patches(d, real), patches(d, fake.detach())
    d_loss = 0.5 * (
        binary(real_output - fake_output.detach().mean(), 1.0)
        + binary(fake_output - real_output.detach().mean(), 0.0)
    )
    d_gradients = d.descend(d_loss)

    expected = {
        "supervised": pixel,
        "perceptual": perceptual,
        "g_loss": g_loss,
        "d_loss": d_loss,
    }
    assert_same_step(game, logs, expected, g_gradients, d_gradients)


class Quantizer(layers.Layer):
    """Replaces each vector by the nearest of a few."""

    def build(self, shape):
        self.codes = self.add_weight(
            (7, shape[-1]), "random_normal", name="codes"
        )

    def call(self, x):
        flat = ops.reshape(x, (-1, x.shape[-1]))
        distances = ops.sum(ops.square(flat[:, None] - self.codes[None]), -1)
        nearest = ops.take(self.codes, ops.argmin(distances, -1), axis=0)
        nearest = ops.reshape(nearest, ops.shape(x))
        constant = ops.stop_gradient
        self.add_loss(
            ops.mean(ops.square(constant(x) - nearest))
            + 0.25 * ops.mean(ops.square(x - constant(nearest)))
        )
        return x + constant(nearest - x)


def quantize(codes, x):
    """Returns codes with the gradient of what they replace, and the loss."""
    flat = x.permute(0, 2, 3, 1)
    nearest = codes[(flat[..., None, :] - codes).square().sum(-1).argmin(-1)]
    nearest = nearest.permute(0, 3, 1, 2)
    loss = (x.detach() - nearest).square().mean()
    loss = loss + 0.25 * (x - nearest.detach()).square().mean()
    return x + (nearest - x).detach(), loss


def autoencoder():
    image = keras.Input((12, 12, 3))
    x = layers.Conv2D(4, 3, padding="same", activation="tanh", name="in")(image)
    x = Quantizer(name="quantizer")(layers.AveragePooling2D(2)(x))
    x = layers.UpSampling2D(2)(x)
    x = layers.Conv2D(5, 3, padding="same", activation="tanh", name="mid")(x)
    x = layers.Conv2D(3, 3, padding="same", name="conv_out")(x)
    return keras.Model(image, x)


def reconstruct(weights, image):
    x = torch.tanh(weights.conv(image, "in", padding=1))
    codes = weights.of(weights.network.get_layer("quantizer").codes)
    x, loss = quantize(codes, functional.avg_pool2d(x, 2))
    x = functional.interpolate(x, scale_factor=2, mode="nearest")
    x = torch.tanh(weights.conv(x, "mid", padding=1))
    return weights.conv(x, "conv_out", padding=1), loss


def lpips(network, x, y):
    """Shape `(batch_size, 1, 1, 1)`, as that of LPIPS."""
    x, y = (see(network, images) for images in (x, y))
    x, y = (one / (one.norm(dim=1, keepdim=True) + 1e-10) for one in (x, y))
    return (x - y).square().sum(1, keepdim=True).mean((2, 3), keepdim=True)


def vqgan_settings(perceptual):
    return recipes.vqgan(perceptual, 4, adversarial_start=0)


def kl_autoencoder_settings(perceptual):
    return recipes.kl_autoencoder(
        perceptual, 4, NUM_VALUES, adversarial_start=0
    )


NUM_VALUES = 12 * 12 * 3


@pytest.mark.parametrize(
    "settings, total, ratio",
    [
        # VQGAN takes the mean of all errors, latent diffusion their sum over a
        # picture.
        (vqgan_settings, 1.0, 0.8),
        (kl_autoencoder_settings, NUM_VALUES, 0.5),
    ],
)
def test_vqgan(settings, total, ratio):
    keras.utils.set_random_seed(0)
    images = normal(4, 12, 12, 3)
    generator = autoencoder()
    discriminator = networks.PatchDiscriminator((12, 12, 3), 4, num_layers=1)
    vgg = seer()
    g, d = Weights(generator), Weights(discriminator)
    game, logs = step(
        generator,
        discriminator,
        settings(distances.Perceptual(vgg)),
        images,
        images,
    )

    real = channels_first(torch.tensor(images))
    fake, codebook_loss = reconstruct(g, real)
    pixels, perceptual = (fake - real).abs(), lpips(vgg, fake, real)
    likelihood = total * (pixels + perceptual).mean()
    adversarial = -patches(d, fake).mean()
    kernel = g.of(generator.get_layer("conv_out").kernel)
    lengths = [
        torch.autograd.grad(loss, kernel, retain_graph=True)[0].norm()
        for loss in (likelihood, adversarial)
    ]
    weight = ratio * (lengths[0] / (lengths[1] + 1e-4)).clamp(0.0, 1e4)
    g_loss = likelihood + weight.detach() * adversarial + codebook_loss
    g_gradients = g.descend(g_loss)

    # The autoencoder runs once more for the discriminator's turn.
    fake = reconstruct(g, real)[0].detach()
    real_output, fake_output = patches(d, real), patches(d, fake)
    d_loss = 0.5 * (
        functional.relu(1.0 - real_output).mean()
        + functional.relu(1.0 + fake_output).mean()
    )
    expected = {
        "supervised": total * pixels.mean() + codebook_loss,
        "perceptual": total * perceptual.mean(),
        "adversarial_weight": weight,
        "g_loss": g_loss,
        "d_loss": 2.0 * d_loss,  # Ours has no half, which Adam does not see.
    }
    d_gradients = [2.0 * gradient for gradient in d.gradients(d_loss)]
    assert_same_step(game, logs, expected, g_gradients, d_gradients)


FFT, STRIDE, STEPS = 32, 8, 128


def vocoder():
    """From spectrograms to eight samples a frame."""
    mel = keras.Input((STEPS // STRIDE, 5))
    x = layers.Conv1D(6, 3, padding="same", activation="tanh", name="in")(mel)
    x = layers.UpSampling1D(STRIDE)(x)
    x = layers.Conv1D(1, 7, padding="same", activation="tanh", name="out")(x)
    return keras.Model(mel, x)


def speak(weights, mel):
    x = torch.tanh(weights.conv(channels_first(mel), "in", padding=1))
    x = functional.interpolate(x, scale_factor=STRIDE, mode="nearest")
    return torch.tanh(weights.conv(x, "out", padding=3))


def of_periods(weights, audio):
    """Returns a list of logits, and the features of all layers."""
    x = functional.pad(audio, (0, -audio.shape[-1] % 2), mode="reflect")
    x = x.reshape(len(x), 1, -1, 2)
    features = []
    for number in range(1, 6):
        stride = (3, 1) if number < 5 else (1, 1)
        name = f"mpd_period_2_conv_{number}"
        x = leaky(weights.conv(x, name, stride=stride, padding=(2, 0)), 0.1)
        features.append(x)
    x = weights.conv(x, "mpd_period_2_logits", padding=(1, 0))
    return [x], [*features, x]


def scale_discriminator():
    """A smaller one: that of HiFi-GAN takes XLA, for its groups, too long."""
    audio = keras.Input((STEPS, 1))
    x = SpectralNormalization(
        layers.Conv1D(3, 5, padding="same"), name="conv_1"
    )(audio)
    x = layers.LeakyReLU(0.1, name="activation_1")(x)
    x = SpectralNormalization(
        layers.Conv1D(1, 3, padding="same"), name="logits"
    )(x)
    return keras.Model(audio, x)


def of_scales(weights, audio):
    hidden = leaky(weights.conv(audio, "msd_conv_1", padding=2), 0.1)
    logits = weights.conv(hidden, "msd_logits", padding=1)
    return [logits], [hidden, logits]


def hear(weights, audio):
    outputs, features = of_periods(weights, audio)
    others, more = of_scales(weights, audio)
    return outputs + others, features + more


def log_mel(audio, filters):
    audio = functional.pad(audio, ((FFT - STRIDE) // 2,) * 2, mode="reflect")
    spectrum = torch.stft(
        audio[:, 0],
        FFT,
        STRIDE,
        window=torch.hann_window(FFT),
        center=False,
        return_complex=True,
    )
    power = spectrum.real.square() + spectrum.imag.square()
    return (filters.T @ (power + 1e-9).sqrt()).clamp(min=1e-5).log()


def test_hifi_gan():
    keras.utils.set_random_seed(0)
    mel, speech = normal(2, STEPS // STRIDE, 5), normal(2, STEPS, 1, seed=1)
    generator = vocoder()
    discriminator = networks.Ensemble(
        {
            "mpd": networks.PeriodDiscriminator((STEPS, 1), (2,), 2),
            "msd": scale_discriminator(),
        }
    )
    torch_step.find_spectral_norms(discriminator)
    distance = distances.MelSpectrogram(8000, FFT, STRIDE, num_mel_bins=6)
    g, d = Weights(generator), Weights(discriminator)
    game, logs = step(
        generator, discriminator, recipes.hifi_gan(distance), mel, speech
    )

    real = channels_first(torch.tensor(speech))
    fake = speak(g, torch.tensor(mel))
    pairs = zip(hear(d, real)[0], hear(d, fake.detach())[0])
    d_loss = sum(
        (1.0 - r).square().mean() + f.square().mean() for r, f in pairs
    )
    d_gradients = d.descend(d_loss)

    (_, real_features), (outputs, features) = hear(d, real), hear(d, fake)
    adversarial = sum((1.0 - f).square().mean() for f in outputs)
    matching = 2.0 * sum(
        (r - f).abs().mean() for r, f in zip(real_features, features)
    )
    filters = torch.tensor(np.asarray(distance.filters, "float32"))
    spectral = (log_mel(fake, filters) - log_mel(real, filters)).abs().mean()
    g_loss = adversarial + matching + 45.0 * spectral
    g_gradients = g.descend(g_loss)

    expected = {
        "supervised": spectral,
        "feature_matching": matching,
        "g_loss": g_loss,
        "d_loss": d_loss,
    }
    assert_same_step(game, logs, expected, g_gradients, d_gradients)
