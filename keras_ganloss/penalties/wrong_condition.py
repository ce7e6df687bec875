"""The matching-aware discriminator: right samples, wrong conditions."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.reduction import reduce
from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


def next_conditions(condition: Nest) -> tuple[Nest, Tensor]:
    """Gives each sample the condition of the one before it.

    Args:
        condition: A tensor or a nest of tensors of shape `(batch_size, ...)`.

    Returns:
        The conditions, and which of them are others than they were, a bool
        tensor of shape `(batch_size,)`.
    """
    rolled = keras.tree.map_structure(
        lambda leaf: ops.roll(leaf, 1, axis=0), condition
    )
    differs = [
        ops.any(ops.reshape(one != other, (ops.shape(one)[0], -1)), axis=1)
        for one, other in zip(
            keras.tree.flatten(condition), keras.tree.flatten(rolled)
        )
    ]
    return rolled, ops.any(ops.stack(differs), axis=0)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class WrongCondition(Penalty):
    """`weight * mean(fake_loss(D(x, c')))`: calls mismatched pairs fake.

    GAN-CLS, the matching-aware discriminator: real samples `x` with `c'`, the
    conditions of others, are no better than fakes. A conditional
    discriminator otherwise may look at samples alone. `fake_loss` is what the
    game's `d_loss` takes of fakes: `softplus(D)` of `"minimax"`, `relu(1 + D)`
    of `"hinge"`; of relativistic losses, pairs of a right and a wrong one.

    Conditions are those of the batch, rolled by one; where two neighbors have
    the same one, that pair does not count. Real samples pass the
    discriminator once more. Weights of samples count.

    Args:
        weight: Float or schedule. Defaults to 1, as much as fakes; Reed et
            al. give either half of what real samples have. GigaGAN has 0.1.
        name: The name in the logs. Defaults to `"wrong_condition"`.

    Raises:
        ValueError: If `weight` is negative; in `compile`, or in the first
            step, if the discriminator sees no condition.

    Example:

    ```python
    conditional_gan.compile(d_loss="hinge", penalties=[WrongCondition(0.5)])
    ```

    Reference: [Reed et al., 2016](https://arxiv.org/abs/1605.05396)
    """

    needs_several = (
        "`WrongCondition` takes the conditions of other samples of the batch"
    )

    def __init__(self, weight: Schedule = 1.0, name: str | None = None) -> None:
        super().__init__(weight, name)

    def check(self, discriminator: keras.Model) -> None:
        inputs = getattr(discriminator, "inputs", None)
        if inputs and len(inputs) < 2:
            raise ValueError(_message(discriminator))

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        judge, side = duel.judge, turn.game.d_loss
        if judge.condition is None:
            raise ValueError(_message(judge.network))
        condition, is_wrong = next_conditions(judge.condition)
        weight = ops.cast(is_wrong, side.dtype)
        sample_weight = duel.weight_for(side)
        if sample_weight is not None:
            weight = weight * ops.cast(sample_weight, side.dtype)
        weight = judge.weigh(weight)
        wrong_judge = turn.judge(judge.network, condition, judge.head)
        outputs = [
            [
                ops.cast(output, side.dtype)
                for output in keras.tree.flatten(one.outputs(duel.real))
            ]
            for one in (judge, wrong_judge)
        ]
        values = [
            reduce(
                side.loss.wrong_call(right, wrong),
                "mean_with_sample_weight",
                weight,
            )
            for right, wrong in zip(*outputs, strict=True)
        ]
        names = judge.output_names(duel.real)
        value, _ = side.join(list(zip(names, values, strict=True)))
        return self.weighted(value, turn.step)


def _message(network: keras.Model) -> str:
    return (
        "`WrongCondition` needs a discriminator that sees a condition: a "
        "conditional game (`conditional=True`), whose discriminator takes "
        "`[sample, condition]`. Received: discriminator="
        f"{network.name!r} that sees samples alone"
    )
