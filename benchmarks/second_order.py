"""
Title: Second derivatives through normalization
Description: The gradient of a gradient penalty with respect to the weights
    before a normalization, against central differences in float64: Keras's
    layers and ours, on the backend of KERAS_BACKEND.
Runs in: a minute.
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
TESTS = pathlib.Path(__file__).parent.parent / "tests" / "layers"
sys.path.insert(0, str(TESTS))

import keras  # noqa: E402
import numpy as np  # noqa: E402
from differences import STEP  # noqa: E402
from differences import float64  # noqa: E402
from differences import tensors  # noqa: E402
from keras import ops  # noqa: E402

from keras_ganloss import backend  # noqa: E402
from keras_ganloss import layers  # noqa: E402

NUM_NETWORKS = 3
LAYERS = {
    "LayerNormalization": ((), (6,)),
    "LayerNormalization of images": (([1, 2, 3],), (3, 3, 4)),
    "GroupNormalization(2)": ((2,), (3, 3, 4)),
    "GroupNormalization(-1)": ((-1,), (3, 3, 4)),
    "BatchNormalization": ((), (6,)),
    "BatchNormalization of images": ((), (3, 3, 4)),
}


def penalty(sample, kernel, layer, last):
    """R1 of `last . tanh(layer(tanh(sample kernel)))`.

    The first tanh matters: through linear layers alone, some of what is wrong
    cancels out.
    """

    def judge(sample):
        hidden = ops.tanh(ops.matmul(sample, kernel))
        hidden = layer(hidden, training=True)
        return ops.sum(last * ops.tanh(hidden)), None

    _, _, slope = backend.value_and_input_gradients(judge, sample)
    return ops.sum(ops.square(slope))


def error(layer, shape, seed):
    """Relative error of the penalty's gradient by the kernel."""
    generator = np.random.default_rng(seed)
    size = shape[-1]
    sample = generator.normal(size=(4, *shape))
    kernel = generator.normal(size=(size, size))
    last = generator.normal(size=(4, *shape))
    sample, last = tensors([sample, last])

    def value(kernel):
        return penalty(sample, kernel, layer, last)

    _, _, found = backend.value_and_input_gradients(
        lambda kernel: (value(kernel), None), tensors([kernel])[0]
    )
    expected = np.zeros_like(kernel)
    for place in np.ndindex(*kernel.shape):
        ends = []
        for step in (STEP, -STEP):
            moved = kernel.copy()
            moved[place] += step
            end = value(tensors([moved])[0])
            ends.append(float(ops.convert_to_numpy(end)))
        expected[place] = (ends[0] - ends[1]) / (2 * STEP)
    difference = np.linalg.norm(ops.convert_to_numpy(found) - expected)
    return difference / np.linalg.norm(expected)


def main():
    print(f"| {keras.backend.backend()} | Keras's | ours |\n|---|---|---|")
    for label, (arguments, shape) in LAYERS.items():
        name = label.partition("(")[0].partition(" ")[0]
        cells = []
        for module in (keras.layers, layers):
            layer = getattr(module, name)(*arguments, dtype="float64")
            with float64():
                worst = max(
                    error(layer, shape, seed) for seed in range(NUM_NETWORKS)
                )
            cells.append(f"{worst:.1e}")
        print(f"| {label} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
