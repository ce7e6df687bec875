"""Adam with a schedule for its memory of squares."""

from typing import Any
from typing import Self

import keras
from keras import ops

from keras_ganloss.utils.described import Described
from keras_ganloss.utils.typing import Schedule


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ScheduledAdam(Described, keras.optimizers.Adam):
    """Adam whose `beta_2` follows a schedule.

    A short memory of squared gradients follows the first, violent updates of
    a game; a long one is steadier later. As where `beta_2` is set by hand
    between updates, the correction of the bias knows its newest value alone.

    Args:
        learning_rate: See `keras.optimizers.Adam`.
        beta_1: Float. Defaults to 0, as in R3GAN.
        beta_2: Float, or a
            `keras.optimizers.schedules.LearningRateSchedule` of the number
            of updates. Defaults to 0.99.
        **kwargs: See `keras.optimizers.Adam`.

    Example:

    ```python
    beta_2 = keras.optimizers.schedules.PolynomialDecay(0.9, 10_000, 0.99)
    gan.compile(
        ScheduledAdam(2e-4, beta_2=beta_2), ScheduledAdam(2e-4, beta_2=beta_2)
    )
    ```

    Reference: [Huang et al., 2024](https://arxiv.org/abs/2501.05441)
    """

    def __init__(
        self,
        learning_rate: Schedule = 2e-4,
        beta_1: float = 0.0,
        beta_2: Schedule = 0.99,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, **kwargs)

    @property
    def beta_2(self) -> Any:
        """The current value, a float or a scalar tensor."""
        if callable(self._beta_2):
            return ops.cast(self._beta_2(self.iterations), "float32")
        return self._beta_2

    @beta_2.setter
    def beta_2(self, beta_2: Any) -> Any:
        self._beta_2 = beta_2

    def get_config(self) -> dict[str, Any]:
        beta_2 = self._beta_2
        if callable(beta_2):
            beta_2 = keras.saving.serialize_keras_object(beta_2)
        return {**super().get_config(), "beta_2": beta_2}

    @classmethod
    def from_config(
        cls,
        config: dict[str, Any],
        custom_objects: dict[str, Any] | None = None,
    ) -> Self:
        config = dict(config)
        config["beta_2"] = keras.saving.deserialize_keras_object(
            config["beta_2"], custom_objects=custom_objects
        )
        return super().from_config(config, custom_objects=custom_objects)
