"""The table of `docs/how-to/which_discriminator.md`, from the networks.

`python docs/generators/discriminators.py` writes it anew.
"""

import functools
import pathlib

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend
from keras_ganloss import networks

PAGE = pathlib.Path(__file__).parents[1] / "how-to" / "which_discriminator.md"
BEGIN = "<!-- Written by docs/generators/discriminators.py. -->\n"
END = "<!-- End of what docs/generators/discriminators.py writes. -->\n"

BANDS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)

# Rows: what is written, the function with all but the width, the widths of
# the network itself and of one as deep and narrow, and the shape in which to
# find out how much a logit sees; `None` if it sees the whole sample.
ROWS = [
    (
        "`PatchDiscriminator((28, 28, 1), num_layers=2)`",
        functools.partial(networks.PatchDiscriminator, num_layers=2),
        (28, 28, 1),
        (64, 1),
        (64, 64, 1),
    ),
    (
        "`PatchDiscriminator((64, 64, 3))`",
        networks.PatchDiscriminator,
        (64, 64, 3),
        (64, 1),
        (128, 128, 1),
    ),
    (
        "`PatchDiscriminator((256, 256, 3))`",
        networks.PatchDiscriminator,
        (256, 256, 3),
        (64, 1),
        (128, 128, 1),
    ),
    (
        "`UNetDiscriminator((28, 28, 1), num_layers=2)`",
        functools.partial(networks.UNetDiscriminator, num_layers=2),
        (28, 28, 1),
        (64, 1),
        (128, 128, 1),
    ),
    (
        "`UNetDiscriminator((256, 256, 3))`",
        networks.UNetDiscriminator,
        (256, 256, 3),
        (64, 1),
        (192, 192, 1),
    ),
    (
        "`ResidualDiscriminator((28, 28, 1), filters=32)`",
        networks.ResidualDiscriminator,
        (28, 28, 1),
        (32, None),
        None,
    ),
    (
        "`ResidualDiscriminator((64, 64, 3))`",
        networks.ResidualDiscriminator,
        (64, 64, 3),
        (64, None),
        None,
    ),
    (
        "`ResidualDiscriminator((256, 256, 3))`",
        networks.ResidualDiscriminator,
        (256, 256, 3),
        (64, None),
        None,
    ),
    (
        "`PeriodDiscriminator()`",
        networks.PeriodDiscriminator,
        (8192, 1),
        (32, 1),
        (16384, 1),
    ),
    (
        "`ScaleDiscriminator()`",
        networks.ScaleDiscriminator,
        (8192, 1),
        (128, 16),
        (32768, 1),
    ),
    (
        "`SpectrogramDiscriminator()`",
        networks.SpectrogramDiscriminator,
        (8192, 1),
        (32, 1),
        (32768, 1),
    ),
    (
        "`SpectrogramDiscriminator(fft_sizes=(2048, 1024, 512), "
        "bands=(0.0, 0.1, 0.25, 0.5, 0.75, 1.0), dilations=(1, 1, 1))`",
        functools.partial(
            networks.SpectrogramDiscriminator,
            fft_sizes=(2048, 1024, 512),
            bands=BANDS,
            dilations=(1, 1, 1),
        ),
        (8192, 1),
        (32, 1),
        (16384, 1),
    ),
]


def receptive_field(network, output):
    """How many positions, along the first axis, the middle logit depends on.

    With positive weights nothing cancels out in convolutions, so the gradient
    is zero where, and only where, the logit does not look.

    Args:
        network: A functional model of one input, of known shape.
        output: Int, which of its outputs.
    """
    network.set_weights([np.ones(weight.shape) for weight in network.weights])

    def middle(sample):
        logits = keras.tree.flatten(network(sample))[output]
        index = tuple(size // 2 for size in logits.shape[1:-1])
        return ops.sum(logits[(0, *index)]), None

    sample = ops.ones((1, *network.input_shape[1:]))
    _, _, slopes = backend.value_and_input_gradients(middle, sample)
    slopes = abs(ops.convert_to_numpy(slopes))[0]
    (seen,) = np.nonzero(slopes.reshape(slopes.shape[0], -1).max(axis=1))
    return int(seen[-1] - seen[0] + 1)


def row(call, make, shape, widths, seen_in):
    """Returns a line of the table."""
    width, narrow = widths
    network = make(shape, filters=width)
    weights = sum(int(np.prod(w.shape)) for w in network.trainable_weights)
    outputs = [one.shape[1:-1] for one in network.outputs]
    written = ", ".join(
        " x ".join(map(str, one)) if one else "1" for one in outputs
    )
    fields = ["all"]
    if seen_in is not None:
        small = make(seen_in, filters=narrow)
        fields = [
            f"{receptive_field(small, output):,}"
            for output in range(len(small.outputs))
        ]
    return f"| {call} | {weights:,} | {written} | {', '.join(fields)} |\n"


def table():
    """Returns the table."""
    head = "| call | trainable weights | logits | sees |\n|---|---|---|---|\n"
    return "".join([BEGIN, head, *(row(*line) for line in ROWS), END])


if __name__ == "__main__":
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(before + table() + rest.partition(END)[2])
