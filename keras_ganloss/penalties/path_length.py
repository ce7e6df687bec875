"""Path length regularization of the generator, of StyleGAN2."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.penalties.gradient_norm_penalty import gradient_norm
from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.utils import arguments
from keras_ganloss.utils.replicas import global_mean
from keras_ganloss.utils.shapes import batch_size
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


def noise_like(sample: Nest, seed_generator: Any) -> Tensor:
    """Normal noise by the square root of the number of positions.

    Positions are what all axes but the batch and the channels count, so that
    the length of a path does not depend on the resolution.
    """
    shape = sample.shape[1:]
    is_first = keras.config.image_data_format() == "channels_first"
    num_positions = math.prod(shape[1:] if is_first else shape[:-1])
    noise = keras.random.normal(
        ops.shape(sample), dtype=sample.dtype, seed=seed_generator
    )
    return noise / math.sqrt(num_positions)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class PathLength(Penalty):
    """`weight * mean((length - moving mean of lengths)^2)`.

    A length is the norm of the gradient, with respect to the latent, of the
    sample times noise: steps of one size in the latent shall change the
    sample by one size. The mean includes this batch, and its share of the
    mean is differentiated, as in the authors' code. The generator runs once
    more, on a part of the batch.
    StyleGAN2 applies it on every fourth step, as
    `Every(PathLength(), 4)`, and its latent is that of the synthesis
    network.

    Args:
        weight: Float or schedule. Defaults to 2, as in the paper's code.
        decay: Float in [0, 1), of the moving mean. Defaults to 0.99.
        batch_shrink: Int, what the size of the batch is divided by, to save
            time; rounded up. Defaults to 2, as in the paper's code.
        name: The name in the logs. Defaults to `"path_length"`.

    Raises:
        ValueError: If an argument is not in its range.

    Example:

    ```python
    gan.compile(g_penalties=[Every(PathLength(), steps=4)])
    ```

    Reference: [Karras et al., 2019](https://arxiv.org/abs/1912.04958)
    """

    differentiates_twice = True

    def __init__(
        self,
        weight: Schedule = 2.0,
        decay: float = 0.99,
        batch_shrink: int = 2,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        self.decay = arguments.fraction("decay", decay, ends="[)")
        self.batch_shrink = arguments.positive_int("batch_shrink", batch_shrink)
        self.mean = keras.Variable(
            0.0,
            trainable=False,
            dtype="float32",
            aggregation="only_first_replica",
            name="mean_path_length",
        )

    @property
    def state(self) -> list[Any]:
        return [self.mean]

    def lengths(self, turn: Any, made: Any) -> Tensor:
        """Returns the path lengths of a part of the batch."""
        num = batch_size(made.source) + self.batch_shrink - 1
        num = num // self.batch_shrink
        latent, condition = keras.tree.map_structure(
            lambda leaf: leaf if leaf is None else leaf[:num],
            (made.source, made.condition),
        )

        def project(latent):
            fake = turn.generate(made.network, latent, condition)
            noisy = keras.tree.map_structure(
                lambda leaf: leaf * noise_like(leaf, turn.seed_generator),
                fake,
            )
            return noisy, None

        _, _, gradients = backend.value_and_input_gradients(project, latent)
        return gradient_norm(gradients)

    def over(self, turn: Any, duels: Sequence[Any]) -> Tensor:
        del duels
        return sum(self._of(turn, made) for made in turn.made)

    def _of(self, turn, made):
        lengths = self.lengths(turn, made)
        mean = self.mean.value
        if turn.training:
            # Of which the gradient is part of the penalty's, as in the
            # authors' code.
            new = ops.cast(global_mean(lengths), "float32")
            mean = self.decay * mean + (1.0 - self.decay) * new
            self.mean.assign(ops.stop_gradient(mean))
        return self.weighted(
            ops.mean(ops.square(ops.subtract(lengths, mean))), turn.step
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "decay": self.decay,
            "batch_shrink": self.batch_shrink,
        }
