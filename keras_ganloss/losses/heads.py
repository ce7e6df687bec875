"""The losses of a discriminator's several heads, weighed and joined."""

from typing import Any

import keras

from keras_ganloss.losses.loss_wrapper import LossWrapper
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Heads(LossWrapper):
    """Any loss over several outputs (HiFi-GAN, multi-scale), with weights.

    Without it a game adds up the losses of all outputs, as HiFi-GAN, DAC and
    VITS do. `Heads(loss, combine="mean")` averages them, as EnCodec and
    pix2pixHD's successors do; with `weights`, each head counts as it is told,
    and is logged by itself, as `d_loss_mpd` and `g_loss_mpd`, before its
    weight.

    A head is what the discriminator returns under one name: a key of a dict,
    with all outputs in it, such as the networks of an `Ensemble`; else the
    name of the layer that a functional model ends in; else its place, `"0"`,
    `"1"`, and so on. It is the outermost of losses that wrap others:
    `Heads(Relativistic(Hinge()))`. Called by itself, on one output, it is its
    base.

    Args:
        base: An `AdversarialLoss`, or its config. Defaults to `Logistic()`.
        weights: Optional dict of the name of each head to a float, at least
            0. With it, heads are added up, each with its weight; without it,
            all outputs are one head.
        combine: `"sum"` (default) or `"mean"`, of the outputs in a head.
        name: See `keras.losses.Loss`.

    Raises:
        ValueError: If a weight is negative, or `combine` is neither; in
            `compile` or the first step, if a discriminator has other heads.

    Example:

    >>> loss = Heads(LeastSquares(), {"mpd": 1.0, "msd": 0.1}, "mean")
    >>> loss.join([("mpd", 2.0), ("mpd", 4.0), ("msd", 5.0)])
    (3.5, {'mpd': 3.0, 'msd': 5.0})

    Reference: [Kong et al., 2020](https://arxiv.org/abs/2010.05646);
        [Siuzdak, 2023](https://arxiv.org/abs/2306.00814)
    """

    def __init__(
        self,
        base: Any = None,
        weights: dict[str, float] | None = None,
        combine: str = "sum",
        name: str | None = None,
    ) -> None:
        super().__init__(base, name)
        self.weights = check_weights(weights)
        self.combine = arguments.one_of(("sum", "mean"), "combine", combine)

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(self.weights or ())

    def join(
        self, values: list[tuple[str, Tensor]]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        if self.weights is None:
            return self._combined([value for _, value in values]), {}
        names = [name for name, _ in values]
        if set(names) != set(self.weights):
            raise ValueError(
                "`weights` of `Heads` must name each head of the "
                "discriminator, and no others: return a dict to name them, or "
                f"take the names it has. Received: weights={self.weights}, "
                f"outputs called {list(dict.fromkeys(names))}"
            )
        found = {
            head: self._combined([x for name, x in values if name == head])
            for head in self.weights
        }
        return sum(self.weights[head] * found[head] for head in found), found

    def _combined(self, values):
        return sum(values) / (1 if self.combine == "sum" else len(values))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "weights": self.weights,
            "combine": self.combine,
        }


def check_weights(weights: Any) -> dict[str, Any] | None:
    """Returns a dict of names to floats, or `None`; raises for all else."""
    if weights is None:
        return None
    if not isinstance(weights, dict) or not all(
        isinstance(name, str) for name in weights or [None]
    ):
        raise ValueError(
            "`weights` must be a dict of the names of heads to numbers, such "
            f'as `{{"mpd": 1.0, "msd": 0.1}}`. Received: weights={weights!r}'
        )
    return {
        name: arguments.non_negative(f"weights[{name!r}]", weight)
        for name, weight in weights.items()
    }
