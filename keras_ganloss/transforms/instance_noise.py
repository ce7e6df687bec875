"""Instance noise: real and fake samples blurred by noise."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.transforms.transform import TrainingTransform
from keras_ganloss.utils import schedules
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Schedule


@keras.saving.register_keras_serializable(package="keras_ganloss")
class InstanceNoise(TrainingTransform):
    """Adds normal noise to all that the discriminator sees in training.

    Real and fake samples overlap then, so that no discriminator is perfect
    and its gradient always says something. Begin with about the spread of
    the data and let it fade.

    Args:
        stddev: Float, or a `keras.optimizers.schedules.LearningRateSchedule`
            of the number of updates that the discriminator has made.
            Defaults to 0.1.

    Raises:
        ValueError: If `stddev` is neither, or negative.

    Example:

    ```python
    fading = keras.optimizers.schedules.PolynomialDecay(0.5, 10_000, 0.0)
    gan.compile(transforms=[InstanceNoise(fading)])
    ```

    Reference:
        [Sønderby et al., 2016](https://arxiv.org/abs/1610.04490),
        [Arjovsky and Bottou, 2017](https://arxiv.org/abs/1701.04862)
    """

    def __init__(self, stddev: Schedule = 0.1) -> None:
        self.stddev = schedules.check_value("stddev", stddev)

    def transform(self, samples: Nest, turn: Any) -> Nest:
        stddev = schedules.value_at(self.stddev, turn.d_step)

        def blur(sample):
            noise = keras.random.normal(
                ops.shape(sample),
                dtype=keras.backend.standardize_dtype(sample.dtype),
                seed=turn.seed_generator,
            )
            return sample + ops.cast(stddev, sample.dtype) * noise

        return keras.tree.map_structure(blur, samples)

    def get_config(self) -> dict[str, Any]:
        stddev = self.stddev
        if callable(stddev):
            stddev = keras.saving.serialize_keras_object(stddev)
        return {"stddev": stddev}
