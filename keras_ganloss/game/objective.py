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


class Objective:
    """Collects the terms of one player's loss.

    Args:
        player: `"d"` or `"g"`, the prefix of the total's name.
        weights: Dict of term name to factor.

    Attributes:
        adversarial: The sum over the duels, without its factor.
        others: The sum of everything else, with its factors.
    """

    def __init__(self, player: str, weights: dict[str, Any]) -> None:
        self.player = player
        self.weights = weights
        self.adversarial: Any = 0.0
        self.others: Any = 0.0
        self._terms = {}

    @property
    def total(self) -> Tensor:
        """What the player minimizes."""
        weight = self.weights.get("adversarial", 1.0)
        return ops.add(self.others, ops.multiply(weight, self.adversarial))

    def add(self, name: str, value: Any) -> None:
        """Adds a term as it is; a term without a name is not logged."""
        self.others = ops.add(self.others, value)
        if name is not None:
            self._terms[name] = ops.add(self._terms.get(name, 0.0), value)

    def add_weighted(self, name: str, value: Any) -> None:
        """Adds a term with the user's factor; logs it bare."""
        weighted = ops.multiply(self.weights.get(name, 1.0), value)
        self.others = ops.add(self.others, weighted)
        self._terms[name] = value

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
            self._terms[name] = ops.add(self._terms.get(name, 0.0), weighted)

    def add_regularization(self, values: Any) -> None:
        """Adds losses of layers, which are part of the total alone."""
        for value in values:
            self.others = ops.add(self.others, value)

    def parts(self, balance: Any) -> list[Any]:
        """Returns what is differentiated: the total, or its two parts."""
        if balance is None:
            return [self.total]
        return [self.others, self.adversarial]

    def logs(self, balance: Any) -> dict[str, Any]:
        """Returns the total and the named terms."""
        logs = {f"{self.player}_loss": self.total, **self._terms}
        if balance is not None:
            logs[balance.name] = self.weights["adversarial"]
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
    right = ops.cast(real > fake, real.dtype)
    ties = ops.cast(ops.equal(real, fake), real.dtype)
    values = (ops.mean(right + 0.5 * ties), ops.mean(real), ops.mean(fake))
    return dict(zip(SCORES, values))
