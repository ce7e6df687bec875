"""Weights and shapes of the published networks, at full size.

Counted from the papers' layers, and of the reference classes in torch where
these were run; the lengths of weight normalization are counted by themselves.
"""

import functools

import numpy as np
import pytest
from keras import ops

from keras_ganloss import networks

BANDS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
patch = functools.partial(networks.PatchDiscriminator, (256, 256, 3))


def count(network):
    """Trainable weights, those called `scale` left out."""
    return sum(
        int(np.prod(weight.shape))
        for weight in network.trainable_weights
        if weight.name != "scale"
    )


def shapes(network):
    return [tuple(output.shape[1:]) for output in network.outputs]


@pytest.mark.parametrize(
    "make, weights, expected",
    [
        (patch, 2_765_633, [(30, 30, 1)]),
        (
            lambda: networks.PatchDiscriminator((64, 64, 3)),
            2_765_633,
            [(6, 6, 1)],
        ),
        (
            lambda: networks.UNetDiscriminator((256, 256, 3)),
            4_376_897,
            [(256, 256, 1)],
        ),
        (
            lambda: networks.ResidualDiscriminator(
                (256, 256, 3), group_size=None
            ),
            23_998_017,
            [(1,)],
        ),
        (
            networks.PeriodDiscriminator,
            41_092_165,
            # Maps of 102, 102, 105, 105 and 110 logits.
            [(51, 2, 1), (34, 3, 1), (21, 5, 1), (15, 7, 1), (10, 11, 1)],
        ),
        (
            networks.ScaleDiscriminator,
            29_610_627,
            [(128, 1), (65, 1), (33, 1)],
        ),
        (
            lambda: networks.SpectrogramDiscriminator(fft_sizes=(1024,)),
            94_337,
            # (8192 - 1024) / 256 + 1 windows; 513, 257, 129, 65 frequencies.
            [(29, 65, 1)],
        ),
        (
            lambda: networks.SpectrogramDiscriminator(
                fft_sizes=(1024,), bands=BANDS, dilations=(1, 1, 1)
            ),
            470_529,
            # Of 51, 77, 128, 128 and 129 frequencies, halved three times.
            [(29, 7 + 10 + 16 + 16 + 17, 1)],
        ),
        (
            lambda: networks.MultiScale(
                networks.PatchDiscriminator, (256, 256, 3), 2
            ),
            2 * 2_765_633,
            [(30, 30, 1), (14, 14, 1)],
        ),
    ],
)
def test_weights_and_shapes(make, weights, expected):
    network = make()
    assert count(network) == weights
    assert shapes(network) == expected


def test_minibatch_deviation_is_one_channel_more():
    # Of the last convolution, 3 x 3 to 64 filters.
    with_it, without = (
        networks.ResidualDiscriminator((8, 8, 3), 32, group_size=group_size)
        for group_size in (4, None)
    )
    assert count(with_it) - count(without) == 9 * 64


def test_heads_of_the_projected_discriminator():
    # Of maps of 4 and 2 pixels that are doubled: 8 and 4 pixels, 2 channels.
    from tests.helpers.network_cases import trunk

    network = networks.ProjectedDiscriminator((16, 16, 3), trunk(), 2)
    # 16, 8 and 4 pixels with 2, 2 and 4 channels; one halving to 16 filters.
    heads = [16 * 2 * 16 + 2 * 16 + 16 * 16, 16 * 2, 16 * 4]
    assert count(network) == sum(heads)
    assert shapes(network) == [(5 * 5 + 5 * 5 + 1,)]


def test_patch_in_one_and_three_dimensions():
    # Kernels of 4 and of 4 x 4 x 4.
    signal = networks.PatchDiscriminator((64, 1), 2, 1, normalization=None)
    assert count(signal) == (4 * 2 + 2) + (4 * 2 * 4 + 4) + (4 * 4 + 1)
    assert shapes(signal) == [(30, 1)]
    clip = networks.PatchDiscriminator(
        (5, 16, 16, 1), 2, 1, strides=(1, 2, 2), normalization=None
    )
    assert count(clip) == (64 * 2 + 2) + (64 * 2 * 4 + 4) + (64 * 4 + 1)
    assert shapes(clip) == [(2, 6, 6, 1)]


def test_patch_begins_as_dcgan_does():
    network = patch()
    kernels = network.get_layer("conv_4").kernel
    # 2 million numbers: the deviation varies by 1e-5.
    assert float(ops.std(kernels)) == pytest.approx(0.02, abs=1e-4)
    scales = network.get_layer("normalization_4").gamma
    assert float(ops.mean(scales)) == pytest.approx(1.0, abs=5e-3)
    assert float(ops.std(scales)) == pytest.approx(0.02, abs=5e-3)
