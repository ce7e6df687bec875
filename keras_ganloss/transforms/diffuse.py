"""Noise of a random level, which the discriminator is told."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.transforms.transform import Transform
from keras_ganloss.utils import arguments
from keras_ganloss.utils.shapes import batch_size
from keras_ganloss.utils.step_seed import StepSeed
from keras_ganloss.utils.typing import Nest


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Diffuse(Transform):
    """Judges samples at random noise levels, and tells the levels.

    As in Diffusion-GAN, and where diffusion models are distilled: real and
    fake samples overlap at the high levels, and at the low ones details are
    judged. What is judged is `sqrt(1 - level^2) * sample + level * noise`.

    The discriminator takes `[sample, level]`, or `[sample, [condition,
    level]]` with a condition; levels have the shape `(batch_size, 1)`. A fake
    and the real sample in its place get one level and one noise, and so do all
    samples that a penalty compares in a turn. `evaluate` judges noisy samples
    too, since the discriminator knows no others.

    Args:
        levels: List of floats from 0 to 1, of which each sample gets one,
            equally likely. For the steps of a diffusion model with products
            `alphas_cumprod`: `sqrt(1 - alphas_cumprod)`.

    Raises:
        ValueError: If `levels` is not a list of such numbers; in `compile`,
            if the discriminator does not take a level.

    Example:

    ```python
    sample, level = keras.Input((28, 28, 1)), keras.Input((1,))
    x = keras.layers.Concatenate()([keras.layers.Flatten()(sample), level])
    logits = keras.layers.Dense(1)(keras.layers.Dense(64, "relu")(x))
    discriminator = keras.Model([sample, level], logits)
    gan = GAN(generator, discriminator, conditional=False)
    gan.compile(transforms=[Diffuse([0.0, 0.1, 0.3, 0.7])])
    ```

    Reference: [Wang et al., 2022](https://arxiv.org/abs/2206.02262),
        [Sauer et al., 2024](https://arxiv.org/abs/2403.12015)
    """

    def __init__(self, levels: Sequence[float]) -> None:
        if np.ndim(levels) != 1 or len(levels) == 0:
            raise ValueError(
                "`levels` must be a list of numbers from 0 to 1. Received: "
                f"levels={arguments.shown(levels)}"
            )
        self.levels = [arguments.fraction("levels", one) for one in levels]

    def __call__(
        self, samples: Nest, condition: Nest, turn: Any
    ) -> tuple[Nest, Nest]:
        seed = StepSeed(turn.seed_generator.state.value, turn.step, purpose=1)
        num = batch_size(samples)
        index = keras.random.randint((num, 1), 0, len(self.levels), seed=seed)
        levels = ops.convert_to_tensor(self.levels, "float32")
        level = ops.take(levels, index, axis=0)

        def diffuse(sample):
            noise = keras.random.normal(
                ops.shape(sample),
                dtype=keras.backend.standardize_dtype(sample.dtype),
                seed=seed,
            )
            shape = (-1,) + (1,) * (len(sample.shape) - 1)
            share = ops.cast(ops.reshape(level, shape), sample.dtype)
            return ops.sqrt(1.0 - ops.square(share)) * sample + share * noise

        samples = keras.tree.map_structure(diffuse, samples)
        return samples, level if condition is None else [condition, level]

    def condition_shapes(self, shapes: Any) -> Any:
        return shapes if shapes is None else [*shapes, (None, 1)]

    def get_config(self) -> dict[str, Any]:
        return {"levels": self.levels}
