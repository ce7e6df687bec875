"""The kernel distance: a squared maximum mean discrepancy.

Sums and `@`, no `ops.mean` and no `ops.matmul`: on JAX and on torch those
compute in float32 whatever they are given.
"""

from keras import ops


def cubic_kernel(features, other_features):
    """`(x · y / num_features + 1)^3` of all pairs.

    Args:
        features: Tensor of shape `(num_samples, num_features)`.
        other_features: Tensor of shape `(num_others, num_features)`.

    Returns:
        Tensor of shape `(num_samples, num_others)`.
    """
    products = features @ ops.transpose(other_features)
    scaled = products / features.shape[1] + 1.0
    return scaled * scaled * scaled


def kernel_distance(features, other_features):
    """Unbiased estimate of the squared maximum mean discrepancy.

    The kernel is `cubic_kernel`. Pairs of a sample with itself are left out,
    so the estimate is as often too small as too large, and negative now and
    then where the distributions are the same.

    Args:
        features: Tensor of shape `(num_samples, num_features)`, at least two
            samples.
        other_features: Tensor of shape `(num_others, num_features)`, at least
            two samples.

    Returns:
        Scalar of the dtype of the features.

    Example:

    >>> float(kernel_distance(ops.array([[1.0], [-1.0]]), ops.ones((2, 1))))
    0.0

    Reference: [Bińkowski et al., 2018](https://arxiv.org/abs/1801.01401)
    """

    features = ops.convert_to_tensor(features)
    other_features = ops.convert_to_tensor(other_features)
    num_samples, num_others = (
        ops.cast(ops.shape(samples)[0], features.dtype)
        for samples in (features, other_features)
    )

    def within(samples, num):
        kernel = cubic_kernel(samples, samples)
        return (ops.sum(kernel) - ops.trace(kernel)) / (num * (num - 1.0))

    across = ops.sum(cubic_kernel(features, other_features))
    return (
        within(features, num_samples)
        + within(other_features, num_others)
        - 2.0 * across / (num_samples * num_others)
    )
