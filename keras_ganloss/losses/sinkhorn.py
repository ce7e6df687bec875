"""The Sinkhorn divergence as a loss."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.losses.adversarial_loss import AdversarialLoss
from keras_ganloss.losses.feature_distances import squared_distances
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def transport_plan(costs: Tensor, blur: float, num_iterations: int) -> Tensor:
    """The entropic transport plan between two samples of the same size.

    In logarithms, so that no cost is too large. Its columns sum to one.

    Args:
        costs: Square matrix.
        blur: Float, the weight of the entropy.
        num_iterations: Int.
    """
    logits = -costs / blur
    for _ in range(num_iterations):
        logits = logits - ops.logsumexp(logits, axis=1, keepdims=True)
        logits = logits - ops.logsumexp(logits, axis=0, keepdims=True)
    return ops.exp(logits)


def sinkhorn_divergence(
    real_output: Tensor, fake_output: Tensor, blur: float, num_iterations: int
) -> Tensor:
    """The divergence, as a value a pair of samples."""

    def transport(first, second):
        costs = squared_distances(first, second)
        plan = transport_plan(costs, blur, num_iterations)
        return ops.sum(plan * costs, axis=0)

    return (
        2.0 * transport(real_output, fake_output)
        - transport(real_output, real_output)
        - transport(fake_output, fake_output)
    )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Sinkhorn(AdversarialLoss):
    """Optimal transport between features, blurred by an entropy.

    The discriminator returns a vector of features and maximizes the
    divergence between real and fake ones, the generator minimizes it; both
    differentiate through all iterations. Add `penalties.WeightClipping` as in
    the paper, or another bound. Every replica compares the samples of its own
    part.

    Args:
        blur: Float above 0, the weight of the entropy, on the scale of the
            squared distances: towards 0 it is optimal transport, if there
            are iterations enough, towards infinity an MMD. Defaults to 1.
        num_iterations: Int, of Sinkhorn's algorithm. Defaults to 10, after
            which the divergence is up to 4 % too small for features of unit
            scale and a blur of 1; with 100 it is within 0.1 %. A smaller blur
            needs more.
        reduction, name, dtype: See `keras.losses.Loss`.

    Raises:
        ValueError: If `blur` or `num_iterations` is not positive.

    Example:

    >>> loss = Sinkhorn(blur=0.01)
    >>> round(float(loss.g_loss([[0.0], [5.0]], [[6.0], [2.0]])), 4)
    5.0

    Reference: [Genevay et al., 2017](https://arxiv.org/abs/1706.00292)
    """

    judges_features = True
    needs_real_output = True

    def __init__(
        self, blur: float = 1.0, num_iterations: int = 10, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.blur = arguments.positive("blur", blur)
        self.num_iterations = arguments.positive_int(
            "num_iterations", num_iterations
        )

    def d_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return -self.g_call(real_output, fake_output)

    def g_call(self, real_output: Tensor, fake_output: Tensor) -> Tensor:
        return sinkhorn_divergence(
            real_output, fake_output, self.blur, self.num_iterations
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "blur": self.blur,
            "num_iterations": self.num_iterations,
        }
