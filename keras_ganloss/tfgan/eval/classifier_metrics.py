"""TF-GAN's metrics of what a classifier sees in samples.

They take any classifier: a function of a batch that returns logits or
features. What TF-GAN computes in float64 is computed in float64 here, and
comes back in the dtype that came in. On JAX, inside of a compiled function,
float64 has to be switched on (`jax_enable_x64`); otherwise it is float32.
"""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend
from keras_ganloss import metrics
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

# Eigenvalues below this are not square-rooted by TF-GAN, but kept.
ROOT_THRESHOLD = 1e-10


def run_classifier_fn(
    input_tensor: Tensor,
    classifier_fn: Callable[..., Any],
    num_batches: int = 1,
    dtypes: Any = None,
    name: str = "RunClassifierFn",
) -> Nest:
    """Runs a classifier on a batch, in parts that fit into memory.

    Args:
        input_tensor: Tensor of shape `(num_samples, ...)`.
        classifier_fn: A function of such a tensor that returns a tensor, or a
            nest of tensors.
        num_batches: Int, the number of parts, all of the same size. Defaults
            to 1.
        dtypes: Optional nest of dtypes, what `classifier_fn` returns; looked
            at if there are several parts. Defaults to any.
        name: Name scope.

    Returns:
        What `classifier_fn` returned, the parts joined.

    Raises:
        ValueError: If the samples do not make `num_batches` equal parts, or
            if the outputs are not of `dtypes`.
    """
    input_tensor = ops.convert_to_tensor(input_tensor)
    _check_parts(input_tensor, num_batches)
    with keras.name_scope(name):
        if num_batches == 1:
            return classifier_fn(input_tensor)
        parts = ops.split(input_tensor, num_batches)
        return _join([classifier_fn(part) for part in parts], dtypes)


def sample_and_run_classifier_fn(
    sample_fn: Callable[..., Any],
    sample_inputs: Any,
    classifier_fn: Callable[..., Any],
    dtypes: Any = None,
    name: str = "SampleAndRunClassifierFn",
) -> Nest:
    """Makes samples, one part after the other, and runs a classifier on them.

    Args:
        sample_fn: A function of one entry of `sample_inputs` that returns
            samples.
        sample_inputs: List of inputs of `sample_fn`.
        classifier_fn: A function of samples that returns a tensor, or a nest
            of tensors.
        dtypes: Optional nest of dtypes, what `classifier_fn` returns; looked
            at if there are several inputs. Defaults to any.
        name: Name scope.

    Returns:
        What `classifier_fn` returned, the parts joined.

    Raises:
        ValueError: If the outputs are not of `dtypes`.
    """
    with keras.name_scope(name):
        if len(sample_inputs) == 1:
            return classifier_fn(sample_fn(sample_inputs[0]))
        outputs = [classifier_fn(sample_fn(part)) for part in sample_inputs]
        return _join(outputs, dtypes)


def classifier_score(
    input_tensor: Tensor,
    classifier_fn: Callable[..., Any],
    num_batches: int = 1,
) -> Tensor:
    """Classifier score of samples; see `classifier_score_from_logits`.

    Args:
        input_tensor: Tensor of shape `(num_samples, ...)`.
        classifier_fn: A function of such a tensor that returns logits.
        num_batches: Int, in how many parts. Defaults to 1.

    Returns:
        Scalar of the dtype of the logits.
    """
    return classifier_score_from_logits(
        run_classifier_fn(input_tensor, classifier_fn, num_batches)
    )


def classifier_score_from_logits(logits: Tensor) -> Tensor:
    """`exp(mean KL(p(y|x) || p(y)))`, without splits.

    Args:
        logits: Tensor of shape `(num_samples, num_classes)`.

    Returns:
        Scalar of the dtype of the logits.

    Example:

    >>> float(classifier_score_from_logits([[90.0, 0.0], [0.0, 90.0]]))
    2.0

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498)
    """
    logits = _as_matrix(logits, "logits")
    return ops.cast(metrics.classifier_score(logits), logits.dtype)


def frechet_classifier_distance(
    input_tensor1: Tensor,
    input_tensor2: Tensor,
    classifier_fn: Callable[..., Any],
    num_batches: int = 1,
) -> Tensor:
    """Fréchet distance between what a classifier sees in two sets.

    Args:
        input_tensor1, input_tensor2: Tensors of shape `(num_samples, ...)`.
        classifier_fn: A function of such a tensor that returns features of
            shape `(num_samples, num_features)`.
        num_batches: Int, in how many parts. Defaults to 1.

    Returns:
        Scalar of the dtype of the features.
    """
    return frechet_classifier_distance_from_activations(
        run_classifier_fn(input_tensor1, classifier_fn, num_batches),
        run_classifier_fn(input_tensor2, classifier_fn, num_batches),
    )


def frechet_classifier_distance_from_activations(
    activations1: Tensor, activations2: Tensor
) -> Tensor:
    """Fréchet distance between the normals fitted to two sets of features.

    Covariances are unbiased. As in TF-GAN, eigenvalues below 1e-10 are kept
    instead of their roots, which makes the distance between features of size
    1e-5 wrong: `keras_ganloss.metrics.frechet_distance` does not do that.

    Args:
        activations1, activations2: Tensors of shape
            `(num_samples, num_features)`.

    Returns:
        Scalar of the dtype of `activations1`.

    Reference: [Heusel et al., 2017](https://arxiv.org/abs/1706.08500)
    """
    activations1, activations2 = _as_matrices(activations1, activations2)
    distance = metrics.frechet_distance(
        *metrics.mean_and_covariance(activations1),
        *metrics.mean_and_covariance(activations2),
        root=_root_above_threshold,
    )
    return ops.cast(distance, activations1.dtype)


def mean_only_frechet_classifier_distance_from_activations(
    activations1: Tensor, activations2: Tensor
) -> Tensor:
    """Squared distance between the means of two sets of features.

    Args:
        activations1, activations2: Tensors of shape
            `(num_samples, num_features)`.

    Returns:
        Scalar of the dtype of `activations1`.
    """
    activations1, activations2 = _as_matrices(activations1, activations2)

    def compute(first, second):
        return ops.sum(ops.square(_moments(first)[0] - _moments(second)[0]))

    distance = backend.in_float64(compute, activations1, activations2)
    return ops.cast(distance, activations1.dtype)


def diagonal_only_frechet_classifier_distance_from_activations(
    activations1: Tensor, activations2: Tensor
) -> Tensor:
    """Fréchet distance between normals with independent features.

    As in TF-GAN, the variances are the biased ones, other than in
    `frechet_classifier_distance_from_activations`.

    Args:
        activations1, activations2: Tensors of shape
            `(num_samples, num_features)`.

    Returns:
        Scalar of the dtype of `activations1`.
    """
    activations1, activations2 = _as_matrices(activations1, activations2)

    def compute(first, second):
        mean, variance = _moments(first)
        other_mean, other_variance = _moments(second)
        overlap = ops.sqrt(variance * other_variance)
        spread = ops.sum(variance + other_variance - 2.0 * overlap)
        return spread + ops.sum(ops.square(mean - other_mean))

    distance = backend.in_float64(compute, activations1, activations2)
    return ops.cast(distance, activations1.dtype)


def kernel_classifier_distance(
    input_tensor1: Tensor,
    input_tensor2: Tensor,
    classifier_fn: Callable[..., Any],
    num_batches: int = 1,
    max_block_size: int = 1024,
    dtype: Any = None,
) -> Tensor:
    """Kernel distance between what a classifier sees in two sets.

    Args:
        input_tensor1, input_tensor2: Tensors of shape `(num_samples, ...)`.
        classifier_fn: A function of such a tensor that returns features of
            shape `(num_samples, num_features)`.
        num_batches: Int, in how many parts. Defaults to 1.
        max_block_size, dtype: See
            `kernel_classifier_distance_and_std_from_activations`.

    Returns:
        Scalar.
    """
    return kernel_classifier_distance_and_std(
        input_tensor1,
        input_tensor2,
        classifier_fn,
        num_batches,
        max_block_size,
        dtype,
    )[0]


def kernel_classifier_distance_and_std(
    input_tensor1: Tensor,
    input_tensor2: Tensor,
    classifier_fn: Callable[..., Any],
    num_batches: int = 1,
    max_block_size: int = 1024,
    dtype: Any = None,
) -> tuple[Tensor, Tensor]:
    """Kernel distance as above, and its standard error.

    Args:
        input_tensor1, input_tensor2: Tensors of shape `(num_samples, ...)`.
        classifier_fn: A function of such a tensor that returns features of
            shape `(num_samples, num_features)`.
        num_batches: Int, in how many parts. Defaults to 1.
        max_block_size, dtype: See
            `kernel_classifier_distance_and_std_from_activations`.

    Returns:
        Two scalars.
    """
    return kernel_classifier_distance_and_std_from_activations(
        run_classifier_fn(input_tensor1, classifier_fn, num_batches),
        run_classifier_fn(input_tensor2, classifier_fn, num_batches),
        max_block_size,
        dtype,
    )


def kernel_classifier_distance_from_activations(
    activations1: Tensor,
    activations2: Tensor,
    max_block_size: int = 1024,
    dtype: Any = None,
) -> Tensor:
    """Kernel distance between two sets of features, without its error.

    Args:
        activations1, activations2, max_block_size, dtype: See
            `kernel_classifier_distance_and_std_from_activations`.

    Returns:
        Scalar.
    """
    return kernel_classifier_distance_and_std_from_activations(
        activations1, activations2, max_block_size, dtype
    )[0]


def kernel_classifier_distance_and_std_from_activations(
    activations1: Tensor,
    activations2: Tensor,
    max_block_size: int = 1024,
    dtype: Any = None,
) -> tuple[Tensor, Tensor]:
    """Kernel distance between two sets of features, and its standard error.

    Both sets are cut, in their order, into as many blocks of about the same
    size; the distance is the mean over blocks.

    Args:
        activations1, activations2: Tensors of shape
            `(num_samples, num_features)`, the numbers of samples known.
        max_block_size: Int, no block is larger. Defaults to 1024.
        dtype: Optional, what to compute in. Defaults to that of the
            features, which is what TF-GAN does and loses digits where the
            distance is small: `"float64"` keeps them.

    Returns:
        Two scalars. The error is NaN if there is one block alone.

    Raises:
        ValueError: If the features are not two matrices with as many columns
            and with known numbers of rows.

    Reference: [Bińkowski et al., 2018](https://arxiv.org/abs/1801.01401)
    """
    activations1, activations2 = _as_matrices(activations1, activations2)
    result_dtype = keras.backend.standardize_dtype(dtype or activations1.dtype)
    bounds = [
        _block_bounds(activations, activations1, activations2, max_block_size)
        for activations in (activations1, activations2)
    ]

    def compute(first, second):
        estimates = ops.stack(
            [
                metrics.kernel_distance(first[start:end], second[begin:stop])
                for (start, end), (begin, stop) in zip(*bounds)
            ]
        )
        num_blocks = len(bounds[0])
        mean = ops.sum(estimates) / num_blocks
        if num_blocks == 1:
            return mean, mean * math.nan
        squares = ops.sum(ops.square(estimates - mean))
        return mean, ops.sqrt(squares / (num_blocks - 1) / num_blocks)

    if result_dtype == "float64":
        return backend.in_float64(compute, activations1, activations2)
    return compute(
        ops.cast(activations1, result_dtype),
        ops.cast(activations2, result_dtype),
    )


def _block_bounds(activations, activations1, activations2, max_block_size):
    """Returns the start and the end of each block."""
    numbers = activations1.shape[0], activations2.shape[0]
    if None in numbers:
        raise ValueError(
            "The numbers of samples must be known when the blocks are cut: "
            "batch with `drop_remainder=True`. Received: activations1.shape="
            f"{tuple(activations1.shape)}, activations2.shape="
            f"{tuple(activations2.shape)}"
        )
    num_blocks = math.ceil(max(numbers) / max_block_size)
    size, num_larger = divmod(activations.shape[0], num_blocks)
    bounds, start = [], 0
    for index in range(num_blocks):
        end = start + size + (index >= num_blocks - num_larger)
        bounds.append((start, end))
        start = end
    return bounds


def _root_above_threshold(eigenvalues):
    sizes = ops.abs(eigenvalues)
    return ops.where(
        sizes < ROOT_THRESHOLD,
        eigenvalues,
        ops.sign(eigenvalues) * ops.sqrt(sizes),
    )


def _moments(features):
    """Returns mean and biased variance; `ops.moments` has no float64."""
    num_samples = ops.cast(ops.shape(features)[0], features.dtype)
    mean = ops.sum(features, axis=0) / num_samples
    squares = ops.sum(ops.square(features - mean), axis=0)
    return mean, squares / num_samples


def _as_matrix(tensor, name):
    if not ops.is_tensor(tensor):
        # As numpy: a tensor of JAX would be of float32.
        tensor = np.asarray(tensor)
    if len(tensor.shape) != 2:
        raise ValueError(
            f"`{name}` must be a matrix, a row a sample. Received: "
            f"{name}.shape={tuple(tensor.shape)}"
        )
    return tensor


def _as_matrices(activations1, activations2):
    activations1 = _as_matrix(activations1, "activations1")
    activations2 = _as_matrix(activations2, "activations2")
    if activations1.shape[1] != activations2.shape[1]:
        raise ValueError(
            "`activations1` and `activations2` must have as many columns, the "
            "features of one classifier. Received: activations1.shape="
            f"{tuple(activations1.shape)}, activations2.shape="
            f"{tuple(activations2.shape)}"
        )
    return activations1, activations2


def _check_parts(input_tensor, num_batches):
    num_samples = input_tensor.shape[0]
    if num_batches < 1 or (
        num_samples is not None and num_samples % num_batches
    ):
        raise ValueError(
            "The samples must make `num_batches` parts of the same size. "
            f"Received: num_batches={num_batches}, input_tensor.shape="
            f"{tuple(input_tensor.shape)}"
        )


def _join(parts, dtypes):
    joined = keras.tree.map_structure(
        lambda *leaves: ops.concatenate(leaves), *parts
    )
    if dtypes is not None:
        keras.tree.map_structure(_check_dtype, joined, dtypes)
    return joined


def _check_dtype(tensor, dtype):
    found = keras.backend.standardize_dtype(tensor.dtype)
    if found != keras.backend.standardize_dtype(dtype):
        raise ValueError(
            "`classifier_fn` must return what `dtypes` says. Received: "
            f"dtype={dtype!r} for an output of dtype {found!r}"
        )
