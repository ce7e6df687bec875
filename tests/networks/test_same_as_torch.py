"""Logits against the papers' layers written down in torch, same weights."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import layers
from keras_ganloss import networks

torch = pytest.importorskip("torch")
functional = torch.nn.functional

RANDOM = np.random.default_rng(0)


def signal(steps):
    return RANDOM.normal(size=(2, steps, 1)).astype("float32")


def tensor(variable):
    return torch.tensor(np.asarray(ops.convert_to_numpy(variable)))


def weights(layer):
    """Kernel and bias of a layer, as torch has them.

    Weight normalization begins as the kernel itself, and of spectral
    normalization `values` says what it computes with.
    """
    inner = getattr(layer, "layer", layer)
    kernel = inner.kernel
    if isinstance(layer, layers.SpectralNormalization):
        ((_, kernel),) = layer.values(training=False)
    kernel = tensor(kernel)
    kernel = kernel.permute(-1, -2, *range(kernel.ndim - 2))
    return kernel, tensor(inner.bias) if inner.use_bias else None


class Reference:
    """Runs layers of a network by their names, in torch."""

    def __init__(self, network):
        self.network = network

    def conv(self, x, name, **kwargs):
        kernel, bias = weights(self.network.get_layer(name))
        function = {3: functional.conv1d, 4: functional.conv2d}[x.ndim]
        return function(x, kernel, bias, **kwargs)


def leaky(x, slope=0.2):
    return functional.leaky_relu(x, slope)


def channels_first(array):
    array = torch.tensor(array)
    return array.permute(0, -1, *range(1, array.ndim - 1))


def assert_same(found, expected):
    expected = expected.permute(0, *range(2, expected.ndim), 1).detach().numpy()
    size = abs(expected).max()
    np.testing.assert_allclose(
        ops.convert_to_numpy(found), expected, atol=2e-5 * max(size, 1.0)
    )


def test_patch_discriminator():
    # Of odd sizes, at which strides are where opinions differ.
    images = RANDOM.normal(size=(2, 39, 34, 3)).astype("float32")
    network = networks.PatchDiscriminator((39, 34, 3), 4)
    reference = Reference(network)
    x = channels_first(images)
    x = leaky(reference.conv(x, "conv_1", stride=2, padding=1))
    for number in (2, 3, 4):
        stride = 1 if number == 4 else 2
        x = reference.conv(x, f"conv_{number}", stride=stride, padding=1)
        norm = network.get_layer(f"normalization_{number}")
        x = functional.batch_norm(
            x,
            None,
            None,
            tensor(norm.gamma),
            tensor(norm.beta),
            training=True,
            eps=1e-5,
        )
        x = leaky(x)
    x = reference.conv(x, "logits", padding=1)
    assert_same(network(images, training=True), x)


def test_unet_discriminator():
    images = RANDOM.normal(size=(2, 16, 8, 3)).astype("float32")
    network = networks.UNetDiscriminator((16, 8, 3), 2)
    conv = Reference(network).conv
    x = leaky(conv(channels_first(images), "conv_1", padding=1))
    skips = [x]
    for level in (1, 2, 3):
        x = leaky(conv(x, f"down_{level}", stride=2, padding=1))
        skips.append(x)
    for level in (3, 2, 1):
        x = functional.interpolate(
            x, scale_factor=2, mode="bilinear", align_corners=False
        )
        x = leaky(conv(x, f"up_{level}", padding=1)) + skips[level - 1]
    for name in ("conv_2", "conv_3"):
        x = leaky(conv(x, name, padding=1))
    assert_same(network(images), conv(x, "logits", padding=1))


@pytest.mark.parametrize("steps", [100, 101])
def test_period_discriminator(steps):
    audio = signal(steps)
    network = networks.PeriodDiscriminator((steps, 1), (2, 3), 2)
    conv = Reference(network).conv
    for period, found in zip((2, 3), network(audio)):
        x = functional.pad(
            channels_first(audio), (0, -steps % period), mode="reflect"
        )
        x = x.reshape(2, 1, -1, period)
        for number in range(1, 6):
            stride = (3, 1) if number < 5 else (1, 1)
            name = f"period_{period}_conv_{number}"
            x = leaky(conv(x, name, stride=stride, padding=(2, 0)), 0.1)
        x = conv(x, f"period_{period}_logits", padding=(1, 0))
        assert_same(found, x)


def test_scale_discriminator():
    audio = signal(301)
    network = networks.ScaleDiscriminator((301, 1), 2, 16)
    conv = Reference(network).conv
    x = channels_first(audio)
    for scale, found in enumerate(network(audio), start=1):
        if scale > 1:
            x = functional.avg_pool1d(x, 4, 2, padding=2)
        y = x
        for number, (stride, groups, size) in enumerate(
            [
                (1, 1, 15),
                (2, 4, 41),
                (2, 16, 41),
                (4, 16, 41),
                (4, 16, 41),
                (1, 16, 41),
                (1, 1, 5),
            ],
            start=1,
        ):
            y = conv(
                y,
                f"scale_{scale}_conv_{number}",
                stride=stride,
                groups=groups,
                padding=size // 2,
            )
            y = leaky(y, 0.1)
        assert_same(found, conv(y, f"scale_{scale}_logits", padding=1))


@pytest.mark.parametrize(
    "bands, dilations",
    [((0.0, 1.0), (1, 2, 4)), ((0.0, 0.3, 1.0), (1, 1, 1))],
)
def test_spectrogram_discriminator(bands, dilations):
    audio = signal(200)
    network = networks.SpectrogramDiscriminator(
        (200, 1), (32,), bands, dilations, 2
    )
    conv = Reference(network).conv
    window = torch.hann_window(32)
    transform = torch.stft(
        torch.tensor(audio[..., 0]),
        32,
        8,
        window=window,
        center=False,
        return_complex=True,
    )
    transform = transform / window.square().sum().sqrt()
    # Time before frequency.
    maps = torch.stack([transform.real, transform.imag], 1).transpose(2, 3)
    parts = []
    for band, (low, high) in enumerate(zip(bands, bands[1:]), start=1):
        x = maps[..., int(17 * low) : int(17 * high)]
        name = f"fft_32_band_{band}_conv"
        x = leaky(conv(x, f"{name}_1", padding=(1, 4)))
        for number, rate in enumerate(dilations, start=2):
            x = conv(
                x,
                f"{name}_{number}",
                stride=(1, 2),
                dilation=(rate, 1),
                padding=(rate, 4),
            )
            x = leaky(x)
        parts.append(leaky(conv(x, f"{name}_5", padding=1)))
    x = conv(torch.cat(parts, dim=3), "fft_32_logits", padding=1)
    (found,) = keras.tree.flatten(network(audio))
    assert_same(found, x)


def test_weight_normalization_in_training():
    """Kernel, lengths and gradients after a step that changes both."""
    ours = layers.WeightNormalization(keras.layers.Conv1D(3, 5))
    points = RANDOM.normal(size=(2, 9, 4)).astype("float32")
    ours.build(points.shape)
    theirs = torch.nn.utils.weight_norm(torch.nn.Conv1d(4, 3, 5))
    scale = RANDOM.uniform(0.5, 2.0, size=3).astype("float32")
    kernel = RANDOM.normal(size=(5, 4, 3)).astype("float32")
    ours.layer.kernel.assign(kernel)
    ours.scale.assign(scale)
    with torch.no_grad():
        theirs.weight_v.copy_(torch.tensor(kernel).permute(2, 1, 0))
        theirs.weight_g.copy_(torch.tensor(scale)[:, None, None])
        theirs.bias.zero_()
    expected = theirs(channels_first(points))
    assert_same(ours(points), expected)
    expected.pow(3).sum().backward()
    from keras_ganloss import backend

    variables = [ours.layer.kernel, ours.scale]
    _, _, (slopes,) = backend.compute_gradients(
        lambda: ([ops.sum(ours(points) ** 3)], None),
        [variables],
        [lambda loss: loss],
    )
    expected = [
        theirs.weight_v.grad.permute(2, 1, 0).numpy(),
        theirs.weight_g.grad.flatten().numpy(),
    ]
    for one, other in zip(slopes, expected, strict=True):
        np.testing.assert_allclose(
            ops.convert_to_numpy(one), other, rtol=1e-3, atol=1e-3
        )


@pytest.mark.parametrize("transposed", [False, True])
def test_axis_of_weight_normalization_is_that_of_torch(transposed):
    """Of transposed convolutions too: there it is that of the inputs."""
    inner = keras.layers.Conv1DTranspose if transposed else keras.layers.Conv1D
    ours = layers.WeightNormalization(inner(3, 5))
    ours.build((None, 9, 4))
    class_ = torch.nn.ConvTranspose1d if transposed else torch.nn.Conv1d
    theirs = torch.nn.utils.weight_norm(class_(4, 3, 5))
    with torch.no_grad():
        kernel = tensor(ours.layer.kernel).permute(2, 1, 0)
        norms = kernel.flatten(1).norm(dim=1)
        assert kernel.shape == theirs.weight_v.shape
    np.testing.assert_allclose(
        ops.convert_to_numpy(ours.scale), norms.numpy(), rtol=1e-5
    )
    assert theirs.weight_g.numel() == len(norms)
