"""Blur of real and fake samples that fades."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.transforms.transform import TrainingTransform
from keras_ganloss.utils import schedules
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


def blur_matrix(size: int, stddev: float) -> Tensor:
    """Returns the matrix that blurs an axis; its rows add up to one.

    Weights are `2^-(distance / stddev)^2` up to a distance of three times
    `stddev`, so that below one third nothing is blurred.

    Args:
        size: Int, the length of the axis.
        stddev: Float or scalar tensor of at least 0.
    """
    position = ops.arange(size, dtype="float32")
    distance = ops.abs(position[:, None] - position[None])
    stddev = ops.cast(stddev, "float32")
    scaled = distance / ops.maximum(stddev, 1e-3)
    weights = ops.exp2(-ops.square(scaled))
    weights = ops.where(distance <= 3.0 * stddev, weights, 0.0)
    return weights / ops.sum(weights, axis=1, keepdims=True)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Blur(TrainingTransform):
    """Blurs all that the discriminator sees in the first part of training.

    Details come late: a discriminator that knows much already, as one on
    features of a trained network does, looks at coarse shapes first, and does
    not win by the generator's first textures. The blur is that of StyleGAN-XL,
    along all axes but the batch and the channels, of series, images or
    volumes; borders are weighed by what is inside, so that a constant sample
    stays as it is.

    Args:
        stddev: Float, in pixels, or a `LearningRateSchedule` of the number of
            updates that the discriminator has made. Below 1/3 nothing is
            blurred. At this distance from its center the kernel is half as
            high, see `blur_matrix`.

    Raises:
        ValueError: If `stddev` is neither, or negative; in `compile`, if the
            sizes of samples are not known.

    Example:

    ```python
    fading = keras.optimizers.schedules.PolynomialDecay(2.0, 10_000, 0.0)
    gan.compile(transforms=[Blur(fading)])
    ```

    Reference: [Sauer et al., 2022](https://arxiv.org/abs/2202.00273)
    """

    def __init__(self, stddev: Schedule) -> None:
        self.stddev = schedules.check_value("stddev", stddev)

    def transform(self, samples: Nest, turn: Any) -> Nest:
        stddev = schedules.value_at(self.stddev, turn.d_step)

        def blur(sample):
            for axis in range(1, len(sample.shape) - 1):
                matrix = blur_matrix(sample.shape[axis], stddev)
                matrix = ops.cast(matrix, sample.dtype)
                sample = ops.moveaxis(sample, axis, -1)
                sample = ops.matmul(sample, ops.transpose(matrix))
                sample = ops.moveaxis(sample, -1, axis)
            return sample

        return keras.tree.map_structure(blur, samples)

    def output_shapes(self, shapes: Any) -> Any:
        for shape in shapes or []:
            if len(shape) < 3 or None in shape[1:-1]:
                raise ValueError(
                    "`Blur` needs samples with axes of known sizes between "
                    "the batch and the channels. Received: sample shapes "
                    f"{shapes}"
                )
        return shapes

    def get_config(self) -> dict[str, Any]:
        return {"stddev": keras.saving.serialize_keras_object(self.stddev)}
