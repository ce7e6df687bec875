"""The balancer of EnCodec: terms by their shares in the gradient."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.balances.balance import Balance
from keras_ganloss.penalties.penalty import squared_norm
from keras_ganloss.utils import arguments
from keras_ganloss.utils.replicas import global_mean
from keras_ganloss.utils.replicas import share_of_batch
from keras_ganloss.utils.suggestions import did_you_mean
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class GradientShares(Balance):
    """EnCodec's balancer: each term has its share of the gradient.

    The gradient of each term is measured at the samples, as the generator
    made them. Divided by the mean of its norm so far, times its share, it
    pulls as hard as it should, whatever the scale of the loss, and a share
    means the same in every project. The norm is that of a sample, averaged
    over the batch; the sum of the shares is scaled to one, and so is about
    the gradient at a sample. There is one backward pass of the generator, as
    ever, and one of the discriminator and the losses more for each term.

    It stands in place of the dict of `loss_weights`. Terms that it does not
    name keep their own weight, those that it names lose theirs. Each weight is
    in the logs, `"pixel_weight"` for `"pixel"`, and is that of the last step in
    `evaluate`.

    Args:
        shares: Dict of the name of a term to a positive number:
            `"adversarial"`, terms of the game such as `"supervised"`, and
            names of `g_penalties`.
        decay: Float in [0, 1), that of the moving mean of norms. Defaults to
            0.999.

    Raises:
        ValueError: If there is no share, or one that is no positive number;
            in `compile`, if there is no such term; in `fit`, if a term does
            not depend on the samples.

    Example:

    ```python
    gan.compile(
        g_penalties=[
            Distance("mae", name="pixel"),
            FeatureMatching(["conv2d_1"], distance="mae"),
        ],
        loss_weights=GradientShares(
            {"adversarial": 4, "feature_matching": 4, "pixel": 0.1}
        ),
    )
    ```

    Reference: [Défossez et al., 2022](https://arxiv.org/abs/2210.13438)
    """

    at_samples = True

    def __init__(
        self, shares: Mapping[str, float], decay: float = 0.999
    ) -> None:
        if not isinstance(shares, Mapping) or not shares:
            raise ValueError(
                "`shares` must be a dict of the names of terms to numbers. "
                f"Received: shares={shares!r}"
            )
        # In an order that is not the user's: it is that of the state.
        self.shares = {
            name: float(arguments.positive(f"shares[{name!r}]", shares[name]))
            for name in sorted(shares)
        }
        self.decay = arguments.fraction("decay", decay, ends="[)")
        self.totals, self.counts = (
            keras.Variable(
                np.zeros(len(self.shares)),
                trainable=False,
                dtype="float32",
                aggregation="only_first_replica",
                name=name,
            )
            for name in ("norm_totals", "norm_counts")
        )

    @property
    def state(self) -> list[Any]:
        return [self.totals, self.counts]

    @property
    def log_names(self) -> dict[str, str]:
        return {name: f"{name}_weight" for name in self.shares}

    def check(self, terms: list[str]) -> None:
        unknown = [name for name in self.shares if name not in terms]
        if unknown:
            raise ValueError(
                f"`GradientShares` must name terms of the generator: {terms}. "
                f"{did_you_mean(unknown[0], terms)}Received: shares of "
                f"{unknown}"
            )

    def measured(self, objective: Any) -> dict[str, Tensor]:
        return {name: objective.value(name) for name in self.shares}

    def weights_at(self, step: Any) -> dict[str, Tensor]:
        del step
        return self._weights(self.totals.value, self.counts.value)

    def weigh(
        self, gradients: dict[str, Any], scale: Any, step: Any
    ) -> dict[str, Tensor]:
        del step
        share = share_of_batch() / ops.cast(scale, "float32")
        norms = ops.stack(
            [
                global_mean(share * ops.sqrt(squared_norm(gradients[name])))
                for name in self.shares
            ]
        )
        finite = ops.isfinite(norms)
        totals, counts = (
            ops.where(finite, self.decay * state.value + new, state.value)
            for state, new in ((self.totals, norms), (self.counts, 1.0))
        )
        self.totals.assign(totals)
        self.counts.assign(counts)
        weights = self._weights(totals, counts)
        return {
            name: ops.where(finite[i], weight, np.nan)
            for i, (name, weight) in enumerate(weights.items())
        }

    def _weights(self, totals, counts):
        shares = np.array(list(self.shares.values()), "float32")
        known = totals > 0.0
        weights = counts / ops.where(known, totals, 1.0)
        weights = ops.where(known, weights * (shares / shares.sum()), 0.0)
        return {name: weights[i] for i, name in enumerate(self.shares)}

    def get_config(self) -> dict[str, Any]:
        return {"shares": self.shares, "decay": self.decay}
