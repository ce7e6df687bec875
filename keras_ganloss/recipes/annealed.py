"""The non-saturating game, cooled down to its end."""

from typing import Any

import keras
from keras.optimizers import schedules

from keras_ganloss.losses import ModifiedMinimax
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.utils import arguments


def annealed(
    num_steps: int,
    learning_rate: Any = None,
    penalty: float = 1.0,
    final_penalty: float = 0.01,
    ema: float = 0.999,
) -> dict[str, Any]:
    """Returns arguments of `compile` for a run of known length.

    The non-saturating loss with R1 and R2, both of a weight that falls along a
    cosine, and Adam without momentum, whose learning rate falls to nothing.
    At first heavy penalties keep the game calm while samples spread over the
    data; as they get lighter the discriminator sees ever smaller faults, and
    small steps settle them. What was tried, and what it brought, is in
    `docs/evidence/recipe.md`.

    The schedules end with the run: a shorter one is not finished, and a
    longer one stands still. Weights of penalties have a scale: they are for
    samples of about unit size, such as images in [-1, 1].

    Args:
        num_steps: Int, updates of the discriminator in the whole run, such
            as `epochs * len(dataset)`.
        learning_rate: Float, at the start, of both players. Defaults to 0.003
            for up to 9,300 steps and to `28 / num_steps` for more, but at
            least 0.0002: longer runs gain from lower rates.
        penalty: Float, the weight of R1 and of R2 at the start. Defaults to
            1.
        final_penalty: Float, the weights at the end. Defaults to 0.01.
        ema: See `compile`. Defaults to 0.999.

    Returns:
        A new dict. Other arguments of `compile` go beside it.

    Raises:
        ValueError: If `num_steps` is not an int of at least 1, if
            `learning_rate` is not positive, or if the penalty grows.

    Example:

    ```python
    num_steps = 10 * len(dataset)
    gan.compile(**recipes.annealed(num_steps), transforms=[DiffAugment()])
    gan.fit(dataset, epochs=10)
    ```

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406), the
    game; the schedules are ours.
    """
    num_steps = arguments.positive_int(
        "num_steps", num_steps, "It counts updates of the discriminator."
    )
    _check(learning_rate, penalty, final_penalty)
    if learning_rate is None:
        learning_rate = min(3e-3, max(28.0 / num_steps, 2e-4))

    def falling(start, end):
        alpha = end / start if start else 0.0
        return schedules.CosineDecay(start, num_steps, alpha)

    def optimizer():
        rate = falling(learning_rate, 0.0)
        return keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.99)

    return {
        "d_optimizer": optimizer(),
        "g_optimizer": optimizer(),
        "d_loss": ModifiedMinimax(),
        "penalties": [
            penalty_class(falling(penalty, final_penalty))
            for penalty_class in (R1, R2)
        ],
        "ema": ema,
    }


def _check(learning_rate, penalty, final_penalty):
    if not 0.0 <= final_penalty <= penalty:
        raise ValueError(
            "Penalties get lighter: from `penalty` to a `final_penalty` of at "
            f"least 0. Received: penalty={penalty}, "
            f"final_penalty={final_penalty}"
        )
    if learning_rate is not None:
        arguments.positive(
            "learning_rate", learning_rate, "`None` goes by the run's length."
        )
