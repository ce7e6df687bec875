"""The classifier score, of which the Inception score is one."""

from keras import ops

from keras_ganloss import backend


def classifier_score(logits):
    """How sure a classifier is of each sample, and how evenly over classes.

    `exp(mean KL(p(y|x) || p(y)))`: 1 where the classifier says the same of
    every sample, the number of classes where it is sure of each and they are
    spread evenly.

    Args:
        logits: Tensor of shape `(num_samples, num_classes)`.

    Returns:
        Float64 scalar; on JAX inside of a compiled function float32, unless
        `jax_enable_x64` is on.

    Example:

    >>> float(classifier_score([[1000.0, 0.0], [0.0, 1000.0]]))
    2.0

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498)
    """

    def compute(logits):
        log_posterior = ops.log_softmax(logits, axis=1)
        num_samples = ops.cast(ops.shape(logits)[0], logits.dtype)
        # In logarithms: a class that no sample has any chance of is no NaN.
        log_prior = ops.logsumexp(log_posterior, axis=0) - ops.log(num_samples)
        divergence = ops.sum(
            ops.exp(log_posterior) * (log_posterior - log_prior), axis=1
        )
        # Not `ops.mean`: on JAX and on torch it computes in float32.
        return ops.exp(ops.sum(divergence) / num_samples)

    return backend.in_float64(compute, logits)
