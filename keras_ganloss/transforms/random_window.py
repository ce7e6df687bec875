"""A random window of each sample, the same of a fake and its partner."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.transforms.transform import Transform
from keras_ganloss.utils import arguments
from keras_ganloss.utils.step_seed import StepSeed
from keras_ganloss.utils.typing import Nest


@keras.saving.register_keras_serializable(package="keras_ganloss")
class RandomWindow(Transform):
    """Shows the discriminator a random part of each sample.

    Segments of speech, frames of a clip, crops of an image: the discriminator
    is smaller and judges textures. A fake and the real sample in its place
    get one window, so that features can be compared; parts of a sample do
    too, and so do all calls of a turn. The next turn draws others. Conditions
    come whole. `evaluate` has windows too, which the discriminator is made
    for.

    For a window of two axes pass two of these.

    Args:
        size: Int, the length of the window; samples must not be shorter.
        axis: Int, the axis of the window, not that of the batch. Defaults to
            1, the time of `(batch_size, time, channels)`.

    Raises:
        ValueError: If an argument is not what is described here; in `compile`,
            if samples have no such axis, or are too short.

    Example:

    ```python
    mel = keras.Input((32, 80))
    wave = keras.layers.Conv1DTranspose(1, 512, 256, padding="same")(mel)
    vocoder = keras.Model(mel, wave)  # 8,192 numbers, of which 2,048 are shown.
    discriminator = keras_ganloss.networks.PatchDiscriminator((2048, 1))
    gan = SupervisedGAN(vocoder, discriminator, conditional=False)
    gan.compile(loss="mae", transforms=[RandomWindow(2048)])
    ```

    Reference: [Kim et al., 2021](https://arxiv.org/abs/2106.06103)
    """

    def __init__(self, size: int, axis: int = 1) -> None:
        self.size = arguments.positive_int("size", size)
        if not arguments.is_int(axis) or axis == 0:
            raise ValueError(
                "`axis` must be an integer, and not 0, which is the batch. "
                f"Received: axis={axis!r}"
            )
        self.axis = int(axis)

    def __call__(
        self, samples: Nest, condition: Nest, turn: Any
    ) -> tuple[Nest, Nest]:
        leaves = keras.tree.flatten(samples)
        self.output_shapes([tuple(leaf.shape) for leaf in leaves])
        axis = self.axis % len(leaves[0].shape)
        place = keras.random.uniform(
            (ops.shape(leaves[0])[0],),
            dtype="float32",
            seed=StepSeed(
                turn.seed_generator.state.value, turn.step, purpose=1 + axis
            ),
        )

        def window(sample):
            axis = self.axis % len(sample.shape)
            last = ops.shape(sample)[axis] - self.size
            last = ops.cast(last, "float32")
            start = ops.floor(place * (last + 1.0))
            start = ops.cast(ops.minimum(start, last), "int32")
            index = start[:, None] + ops.arange(self.size, dtype="int32")
            shape = [1] * len(sample.shape)
            shape[0], shape[axis] = -1, self.size
            return ops.take_along_axis(
                sample, ops.reshape(index, shape), axis=axis
            )

        return keras.tree.map_structure(window, samples), condition

    def output_shapes(self, shapes: Any) -> Any:
        return shapes and [self._output_shape(shape) for shape in shapes]

    def _output_shape(self, shape):
        rank = len(shape)
        if not -rank < self.axis < rank:
            raise ValueError(
                f"`RandomWindow` needs samples with an axis {self.axis} beside"
                f" the batch. Received: axis={self.axis}, sample shape {shape}"
            )
        axis = self.axis % rank
        if shape[axis] is not None and shape[axis] < self.size:
            raise ValueError(
                "`size` must not be longer than samples are. Received: size="
                f"{self.size}, axis={self.axis}, sample shape {shape}"
            )
        return (*shape[:axis], self.size, *shape[axis + 1 :])

    def get_config(self) -> dict[str, Any]:
        return {"size": self.size, "axis": self.axis}
