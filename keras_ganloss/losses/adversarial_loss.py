"""The abstract two-sided loss, and its sides as Keras losses."""

from typing import Any
from typing import Self

import keras
from keras import ops

from keras_ganloss.losses.reduction import reduce
from keras_ganloss.utils.described import Described
from keras_ganloss.utils.precision import wide_dtype
from keras_ganloss.utils.registry import snake_case
from keras_ganloss.utils.shapes import check_same_shape
from keras_ganloss.utils.stateful import Stateful
from keras_ganloss.utils.typing import Tensor


class AdversarialLoss(Stateful):
    """Two losses over one discriminator: its own, and the generator's.

    Subclasses fill `d_call` and `g_call`. They get the discriminator's
    outputs (logits) on real and on fake samples and return one value an
    output, without reduction.

    The sides, `loss.d_loss` and `loss.g_loss`, are `keras.losses.Loss`
    objects of `(real_output, fake_output, sample_weight=None)`.

    Args:
        reduction: `"sum_over_batch_size"` (default), `"sum"`, `"mean"`,
            `"mean_with_sample_weight"` or `None`, as in
            `keras.losses.Loss`. `GAN.compile` needs one that is not `None`.
        name: Optional name. Defaults to the class's, in snake case.
        dtype: The dtype to compute in. Defaults to
            `keras.config.floatx()`, or float32 if that is less, whatever the
            precision of the networks.

    Example:

    >>> @keras.saving.register_keras_serializable()
    ... class Margin(AdversarialLoss):
    ...     def d_call(self, real_output, fake_output):
    ...         return ops.relu(2.0 - real_output + fake_output)
    ...     def g_call(self, real_output, fake_output):
    ...         return -fake_output
    >>> float(Margin().d_loss(real_output=[[3.0]], fake_output=[[2.0]]))
    1.0
    """

    # Whether the generator's side reads `real_output`. If it does not, the
    # real samples are not judged in the generator's turn.
    needs_real_output = False

    # Whether outputs are taken as logits, so that a sigmoid at the end of
    # the discriminator would be a mistake.
    from_logits = True

    # Whether the discriminator is to return features, energies or margins,
    # and not one logit a sample or a patch.
    judges_features = False

    # Names of the heads of a discriminator whose losses are logged.
    heads: tuple[str, ...] = ()

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.name: str = name or snake_case(type(self).__name__)
        self.reduction = reduction
        self.dtype = dtype
        self._d_loss = DiscriminatorLoss(self)
        self._g_loss = GeneratorLoss(self)

    @property
    def d_loss(self) -> "LossSide":
        """The discriminator's side, a `keras.losses.Loss`."""
        return self._d_loss

    @property
    def g_loss(self) -> "LossSide":
        """The generator's side, a `keras.losses.Loss`."""
        return self._g_loss

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        """What the discriminator minimizes, a value an output."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `d_call(real_output, "
            "fake_output)`."
        )

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        """What the generator minimizes, a value an output.

        `real_output` is `None` unless `needs_real_output` is true.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `g_call(real_output, "
            "fake_output)`."
        )

    def wrong_call(self, real_output: Tensor, wrong_output: Tensor) -> Tensor:
        """What the discriminator minimizes on pairs that do not belong.

        Such as real samples with conditions of others; see
        `penalties.WrongCondition`. Where fakes have no half of their own,
        these stand in the place of fakes.
        """
        return self.d_call(real_output, wrong_output)

    def join(
        self, values: list[tuple[str, Tensor]]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Returns what a discriminator of several outputs costs.

        Args:
            values: List of pairs, the name of an output and its reduced
                loss.

        Returns:
            The sum, and a dict of the losses of the `heads`.
        """
        return sum(value for _, value in values), {}

    def get_config(self) -> dict[str, Any]:
        return {
            "reduction": self.reduction,
            "name": self.name,
            "dtype": self.dtype,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**config)


class LossSide(Described, keras.losses.Loss):
    """Abstract: one player's side of an `AdversarialLoss`.

    Args:
        loss: The `AdversarialLoss`.
    """

    def __init__(self, loss: Any) -> None:
        super().__init__(
            name=f"{self.player}_{loss.name}",
            reduction=loss.reduction,
            dtype=loss.dtype or wide_dtype(keras.config.floatx()),
        )
        self.loss = loss

    def __repr__(self) -> str:
        return f"{self.loss!r}.{self.player}_loss"

    def __call__(
        self,
        real_output: Tensor = None,
        fake_output: Tensor = None,
        sample_weight: Any = None,
    ) -> Tensor:
        """Returns the reduced loss.

        Args:
            real_output: Outputs of the discriminator on real samples, any
                shape. The generator's side may leave it out unless
                `needs_real_output`.
            fake_output: Outputs on fake samples, of the same shape.
            sample_weight: Optional weights, shape `(batch_size,)` or one
                that broadcasts to the outputs.
        """
        fake_output = ops.convert_to_tensor(fake_output, self.dtype)
        if real_output is None and not self.needs_real_output:
            real_output = fake_output
        # Keras takes nested lists for a nest of scalars.
        real_output = ops.convert_to_tensor(real_output, self.dtype)
        return super().__call__(real_output, fake_output, sample_weight)

    def reduced(
        self,
        real_output: Tensor,
        fake_output: Tensor,
        sample_weight: Any = None,
    ) -> Tensor:
        """Returns the loss of a step, as `__call__` does on one device.

        Keras divides a `Loss` by the number of replicas, but nothing else
        that a step adds to it; here every term is treated alike.
        """
        cast = lambda x: x if x is None else ops.cast(x, self.dtype)  # noqa: E731
        values = self.call(cast(real_output), cast(fake_output))
        return reduce(values, self.reduction, cast(sample_weight))

    @property
    def log_names(self) -> list[str]:
        """The names of the heads in the logs."""
        return [f"{self.player}_loss_{head}" for head in self.loss.heads]

    def join(
        self, values: list[tuple[str, Tensor]]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """As that of the loss, with the names in the logs."""
        value, found = self.loss.join(values)
        return value, dict(zip(self.log_names, found.values(), strict=True))

    def get_config(self) -> dict[str, Any]:
        return {"loss": keras.saving.serialize_keras_object(self.loss)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(keras.saving.deserialize_keras_object(config["loss"]))


@keras.saving.register_keras_serializable(package="keras_ganloss")
class DiscriminatorLoss(LossSide):
    """The discriminator's side of an `AdversarialLoss`."""

    player = "d"
    needs_real_output = True

    def call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        _check_outputs(real_output, fake_output)
        return self.loss.d_call(real_output, fake_output)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class GeneratorLoss(LossSide):
    """The generator's side of an `AdversarialLoss`."""

    player = "g"

    @property
    def needs_real_output(self) -> bool:
        return self.loss.needs_real_output

    def call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        if self.needs_real_output:
            _check_outputs(real_output, fake_output)
        return self.loss.g_call(real_output, fake_output)


def _check_outputs(real_output, fake_output):
    check_same_shape(
        real_output,
        fake_output,
        "real_output",
        "fake_output",
        "The discriminator must answer real and fake samples alike.",
    )
