"""The sum of what a player minimizes, and the names of its terms.

Terms may differ in dtype: `ops.add` takes the wider one on every backend.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.utils.typing import Tensor

# Who is winning, as seen before the discriminator's update.
SCORES = ("d_accuracy", "real_output", "fake_output")


def _sum(total, value):
    """Adds a value; what is a plain zero, as if it were not there."""
    if isinstance(total, float) and total == 0.0:
        return value
    if isinstance(value, float) and value == 0.0:
        return total
    return ops.add(total, value)


class Objective:
    """Collects the terms of one player's loss.

    Args:
        player: `"d"` or `"g"`, the prefix of the total's name.
        weights: Dict of term name to factor.

    Attributes:
        adversarial: The sum over the duels, without its factor.
        terms: Dict of the other named terms, without those of `weights`.
        rest: The sum of what has no name.
        heads: Dict of what is logged of the duels alone.
    """

    def __init__(self, player: str, weights: dict[str, Any]) -> None:
        self.player = player
        self.weights = weights
        self.adversarial: Any = 0.0
        self.terms: dict[str, Any] = {}
        self.rest: Any = 0.0
        self.heads: dict[str, Any] = {}

    @property
    def others(self) -> Any:
        """The sum of everything but the learned loss, with its factors."""
        total = 0.0
        for name, value in self.terms.items():
            if name in self.weights and not isinstance(value, float):
                value = ops.multiply(self.weights[name], value)
            total = _sum(total, value)
        return _sum(total, self.rest)

    @property
    def total(self) -> Tensor:
        """What the player minimizes."""
        weight = self.weights.get("adversarial", 1.0)
        return ops.add(self.others, ops.multiply(weight, self.adversarial))

    def add(self, name: str | None, value: Any) -> None:
        """Adds a term, which is logged bare if it has a name."""
        if name is None:
            self.rest = _sum(self.rest, value)
        else:
            self.terms[name] = _sum(self.terms.get(name, 0.0), value)

    def add_duel(self, side: Any, duel: Any) -> None:
        """Adds a player's side of an adversarial loss over a duel."""
        fake_outputs = keras.tree.flatten(duel.judge.outputs(duel.fake))
        real_outputs = [None] * len(fake_outputs)
        if side.needs_real_output:
            real_outputs = keras.tree.flatten(duel.judge.outputs(duel.real))
        weight = duel.judge.weigh(duel.weight_for(side))
        values = [
            side.reduced(real_output, fake_output, weight)
            for real_output, fake_output in zip(real_outputs, fake_outputs)
        ]
        names = duel.judge.output_names(duel.fake)
        value, heads = side.join(list(zip(names, values, strict=True)))
        weighted = ops.multiply(duel.weight, value)
        self.adversarial = ops.add(self.adversarial, weighted)
        for name, value in heads.items():
            weighted = ops.multiply(duel.weight, value)
            self.heads[name] = ops.add(self.heads.get(name, 0.0), weighted)

    def add_regularization(self, values: Any) -> None:
        """Adds losses of layers, which are part of the total alone."""
        for value in values:
            self.rest = _sum(self.rest, value)

    def value(self, name: str) -> Any:
        """Returns a named term, or `"adversarial"`, without its factor."""
        return self.adversarial if name == "adversarial" else self.terms[name]

    @property
    def tensors(self) -> tuple[Any, ...]:
        """All that was added, which a function that is differentiated returns.

        Set to what came back of it.
        """
        return self.adversarial, self.terms, self.rest, self.heads

    @tensors.setter
    def tensors(self, tensors: tuple[Any, ...]) -> None:
        self.adversarial, self.terms, self.rest, self.heads = tensors

    def parts(self, num_parts: int) -> list[Any]:
        """Returns what is differentiated: the total, or its two parts."""
        if num_parts == 1:
            return [self.total]
        return [self.others, self.adversarial]

    def logs(self, balance: Any) -> dict[str, Any]:
        """Returns the total, the named terms, and the weights of a balance."""
        logs = {f"{self.player}_loss": self.total, **self.terms, **self.heads}
        if balance is not None:
            for name, log_name in balance.log_names.items():
                logs[log_name] = self.weights[name]
        return logs


def score(duels: Sequence[Any]) -> dict[str, Any]:
    """Returns who is winning: accuracy and mean outputs, as a dict.

    The accuracy is the share of pairs whose real sample has the larger
    output. It needs no threshold, so it means the same for every loss: at
    0.5 the discriminator cannot tell.
    """
    real, fake = [
        ops.concatenate(
            [
                ops.reshape(output, (-1,))
                for duel in duels
                for output in keras.tree.flatten(
                    duel.judge.outputs(getattr(duel, which))
                )
            ]
        )
        for which in ("real", "fake")
    ]
    right = ops.cast(ops.greater(real, fake), ops.dtype(real))
    ties = ops.cast(ops.equal(real, fake), ops.dtype(real))
    accuracy = ops.mean(ops.add(right, ops.multiply(0.5, ties)))
    return dict(zip(SCORES, (accuracy, ops.mean(real), ops.mean(fake))))
