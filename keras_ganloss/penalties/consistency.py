"""Consistency: the same judgement of a sample and of its augmentation."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.finite_difference_penalty import squared_difference
from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.penalties.penalty import mean_of_outputs
from keras_ganloss.utils import schedules
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


class Augmentation:
    """What augments a batch: a Keras layer, in training mode, or a function.

    Args:
        augmentation: A `keras.layers.Layer`, or a function of a batch.

    Raises:
        ValueError: If it is neither, or a layer with weights to train.
    """

    def __init__(self, augmentation: Callable[..., Any]) -> None:
        self.layers: list[Any] = []
        if isinstance(augmentation, keras.layers.Layer):
            self.layers.append(augmentation)
        elif not callable(augmentation):
            raise ValueError(
                "`augmentation` must be a `keras.layers.Layer`, or a function "
                "of a batch of samples. Received: "
                f"augmentation={augmentation!r}"
            )
        if any(layer.trainable_variables for layer in self.layers):
            raise ValueError(
                "`augmentation` must have no weights to train, which no "
                "optimizer would update. Set `trainable = False`. Received: "
                f"augmentation={augmentation.name!r}"
            )
        self.function = augmentation

    def __call__(self, samples: Nest) -> Nest:
        if self.layers:
            return self.function(samples, training=True)
        return self.function(samples)


class Consistency(Penalty):
    """Abstract: the squared change of outputs by an augmentation.

    Subclasses fill `__call__`.

    Args:
        augmentation, weight, name: See `ConsistencyRegularization`.
    """

    def __init__(
        self,
        augmentation: Callable[..., Any],
        weight: Schedule = 10.0,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        self.augmentation = augmentation
        self._augment = Augmentation(augmentation)

    @property
    def state(self) -> list[Any]:
        return self._augment.layers

    def inconsistency(self, judge: Any, samples: Nest) -> Tensor:
        """Returns the mean squared change of the outputs."""
        return mean_of_outputs(
            squared_difference,
            judge.outputs(samples),
            judge.outputs(self._augment(samples)),
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "augmentation": keras.saving.serialize_keras_object(
                self.augmentation
            ),
        }


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ConsistencyRegularization(Consistency):
    """`weight * mean((D(x) - D(T(x)))^2)` on real samples (CR-GAN).

    The discriminator learns that an augmentation `T` changes nothing. Unlike
    `transforms`, it does not train on augmented samples, so the generator
    does not learn to make them.

    Args:
        augmentation: What changes a batch of samples: a `keras.layers.Layer`
            such as `RandomFlip`, called in training mode, or a function
            (registered with `keras.saving.register_keras_serializable` if the
            model is to be saved). It need not be differentiable.
        weight: Float or schedule. Defaults to 10, as in the paper.
        name: The name in the logs. Defaults to
            `"consistency_regularization"`.

    Raises:
        ValueError: If `weight` is negative, or `augmentation` cannot be
            called or has weights to train.

    Example:

    ```python
    shift = keras.layers.RandomTranslation(0.1, 0.1)
    gan.compile(penalties=[ConsistencyRegularization(shift)])
    ```

    Reference: [Zhang et al., 2019](https://arxiv.org/abs/1910.12027)
    """

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        on_real = self.inconsistency(duel.judge, duel.real)
        return self.weighted(on_real, turn.step)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class BalancedConsistency(Consistency):
    """`ConsistencyRegularization` on real and on fake samples (bCR-GAN).

    On real samples alone, the generator may learn the augmentation's traces.

    Args:
        augmentation: See `ConsistencyRegularization`.
        weight: Float or schedule, of real samples. Defaults to 10.
        fake_weight: Float or schedule, of fake samples. Defaults to 10.
        name: The name in the logs. Defaults to `"balanced_consistency"`.

    Raises:
        ValueError: See `ConsistencyRegularization`.

    Example:

    ```python
    shift = keras.layers.RandomTranslation(0.1, 0.1)
    gan.compile(penalties=[BalancedConsistency(shift)])
    ```

    Reference: [Zhao et al., 2020](https://arxiv.org/abs/2002.04724)
    """

    def __init__(
        self,
        augmentation: Callable[..., Any],
        weight: Schedule = 10.0,
        fake_weight: Schedule = 10.0,
        name: str | None = None,
    ) -> None:
        super().__init__(augmentation, weight, name)
        self.fake_weight = schedules.check_value("fake_weight", fake_weight)

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        on_real = self.inconsistency(duel.judge, duel.real)
        return self.weighted(on_real, turn.step) + ops.multiply(
            schedules.value_at(self.fake_weight, turn.step),
            self.inconsistency(duel.judge, duel.fake),
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "fake_weight": keras.saving.serialize_keras_object(
                self.fake_weight
            ),
        }
