"""The gradient penalty of WGAN-GP."""

import keras
from keras import ops

from keras_ganloss.penalties.input_gradient_penalty import InputGradientPenalty
from keras_ganloss.penalties.penalty import squared_norm

# Inside of the square root, whose slope at zero is infinite.
EPSILON = 1e-12


def gradient_norm(gradients):
    """Norm of each sample's gradient, shape `(batch_size,)`."""
    return ops.sqrt(squared_norm(gradients) + EPSILON)


def mix(real, fake, seed_generator):
    """Points between pairs, one uniform share per sample."""
    leaf = keras.tree.flatten(real)[0]
    share = keras.random.uniform(
        (ops.shape(leaf)[0],), dtype=leaf.dtype, seed=seed_generator
    )

    def between(one, other):
        weight = ops.reshape(share, (-1,) + (1,) * (len(one.shape) - 1))
        return one + ops.cast(weight, one.dtype) * (other - one)

    return keras.tree.map_structure(between, real, fake)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class GradientPenalty(InputGradientPenalty):
    """Draws the critic's gradient norm to `target` between real and fake.

    `weight * mean((norm - target)^2)` at points mixed of a real and a fake
    sample each. TF-GAN divides the norm by `target` instead; the two agree
    at `target=1`.

    Args:
        weight: Float. Defaults to 10, as in the paper.
        target: Float, the norm aimed at. Defaults to 1.
        one_sided: Whether norms below `target` cost nothing (WGAN-LP).
            Defaults to `False`.
        name: The name in the logs. Defaults to `"gradient_penalty"`.

    Example:

    ```python
    gan.compile(
        d_loss="wasserstein", penalties=[GradientPenalty(10.0)], d_steps=5
    )
    ```

    Reference:
        [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028),
        [Petzka et al., 2017](https://arxiv.org/abs/1709.08894) (one-sided)
    """

    def __init__(self, weight=10.0, target=1.0, one_sided=False, name=None):
        super().__init__(weight, name)
        if not target >= 0:
            raise ValueError(
                f"`target` must not be negative. Received: target={target}"
            )
        self.target = target
        self.one_sided = one_sided

    def __call__(self, judge, real, fake):
        between = mix(real, fake, judge.seed_generator)
        excess = gradient_norm(judge.input_gradients(between)) - self.target
        if self.one_sided:
            excess = ops.relu(excess)
        return self.weight_at(judge.step) * ops.mean(ops.square(excess))

    def get_config(self):
        return {
            **super().get_config(),
            "target": self.target,
            "one_sided": self.one_sided,
        }
