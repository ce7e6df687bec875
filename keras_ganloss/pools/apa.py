"""Adaptive pseudo augmentation: some fakes pass for real."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.pools.pool import Pool
from keras_ganloss.utils.adaptive_probability import AdaptiveProbability
from keras_ganloss.utils.choices import chosen
from keras_ganloss.utils.choices import where_chosen
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class APA(Pool):
    """Deceives a discriminator that is too sure: some real samples are fakes.

    For small data sets, like `ADA`, and for samples of any kind, as nothing
    is augmented. Each real sample is replaced by the fake of the same
    condition with a probability, which starts at 0 and goes up while the mean
    sign of the outputs on what passes for real is above `target`. That needs
    a loss for which 0 is undecided, such as `"modified_minimax"`. Penalties
    on real samples meet the replaced ones.

    Args:
        target: Float, the mean sign aimed at. Defaults to 0.6.
        interval: Int, every how many updates of the discriminator the
            probability is adjusted. Defaults to 4.
        num_samples: Int, in how many judged samples the probability can go
            from 0 to 1. Defaults to 500,000; less for short trainings.
        initial: Float, the first probability. Defaults to 0.

    Attributes:
        probability: The `keras.Variable` of the current probability. It ends
            at 1. In the authors' code it goes on rising, which changes no
            sample, but takes as long to come down again.

    Raises:
        ValueError: If an argument is not in its range.

    Example:

    ```python
    gan.compile(d_loss="modified_minimax", pool=APA(num_samples=100_000))
    ```

    Reference: [Jiang et al., 2021](https://arxiv.org/abs/2111.06849)
    """

    def __init__(
        self,
        target: float = 0.6,
        interval: int = 4,
        num_samples: int = 500_000,
        initial: float = 0.0,
    ) -> None:
        self._adaptive = AdaptiveProbability(
            target, interval, num_samples, initial
        )

    @property
    def probability(self) -> Any:
        return self._adaptive.value

    @property
    def state(self) -> list[Any]:
        return self._adaptive.state

    def update_state(self, real_output: Tensor, fake_output: Tensor) -> None:
        del fake_output
        self._adaptive.update(real_output)

    def __call__(self, samples: Any, seed_generator: Any) -> Any:
        mask = chosen(self.probability, samples.real, seed_generator)
        pseudo = keras.tree.map_structure(ops.stop_gradient, samples.fake)
        return samples._replace(real=where_chosen(mask, pseudo, samples.real))

    def get_config(self) -> dict[str, Any]:
        return self._adaptive.get_config()
