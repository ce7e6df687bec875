"""Cross-entropies of logits, in the dtype of the logits."""

import keras
from keras import ops

from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.shapes import check_same_shape
from keras_ganloss.utils.typing import Tensor


def smoothed_sigmoid_cross_entropy(
    logits: Tensor, label: float, label_smoothing: float = 0.0
) -> Tensor:
    """Cross-entropy of logits that all have one label.

    Each line is one that TF-GAN's value is computed with too: in float16
    another order would show.

    Args:
        logits: Float tensor of any shape.
        label: 0 or 1.
        label_smoothing: Float in [0, 1]; moves the label by half of itself
            towards the other one.
    """
    logits = _to_logits(logits)
    check_label_smoothing(label_smoothing)
    labels = ops.ones_like(logits) * label
    labels = labels * (1.0 - label_smoothing) + 0.5 * label_smoothing
    # Not `relu` and `abs`: their slopes at 0, where networks begin, are 0.
    positive = logits >= 0
    rectified = ops.where(positive, logits, ops.zeros_like(logits))
    negative_size = ops.where(positive, -logits, logits)
    return rectified - logits * labels + ops.log1p(ops.exp(negative_size))


def softmax_cross_entropy(
    logits: Tensor, one_hot_labels: Tensor, label_smoothing: float = 0.0
) -> Tensor:
    """Cross-entropy over the last axis, shape `logits.shape[:-1]`.

    Args:
        logits: Float tensor of shape `(..., num_classes)`.
        one_hot_labels: Tensor of the same shape, of any dtype.
        label_smoothing: Float in [0, 1], the share of the labels that is
            spread over all classes.
    """
    logits = _to_logits(logits)
    check_label_smoothing(label_smoothing)
    labels = ops.cast(one_hot_labels, logits.dtype)
    check_same_shape(
        logits,
        labels,
        "classification_logits",
        "one_hot_labels",
        "Labels must be one-hot, over as many classes as there are logits.",
    )
    smoothing = label_smoothing / labels.shape[-1]
    labels = labels * (1.0 - label_smoothing) + smoothing
    labels = widen(ops.stop_gradient(labels))
    losses = -ops.sum(labels * ops.log_softmax(widen(logits), axis=-1), axis=-1)
    return ops.cast(losses, logits.dtype)


def check_label_smoothing(label_smoothing: float) -> None:
    """Raises a ValueError for label smoothing outside of [0, 1]."""
    if not 0.0 <= label_smoothing <= 1.0:
        raise ValueError(
            "`label_smoothing` must lie in [0, 1]. Received: "
            f"label_smoothing={label_smoothing}"
        )


def _to_logits(logits):
    logits = ops.convert_to_tensor(logits)
    dtype = keras.backend.standardize_dtype(logits.dtype)
    if not keras.backend.is_float_dtype(dtype):
        raise ValueError(
            "Logits must be floats; cast them. Received: logits of dtype "
            f"dtype={dtype}"
        )
    return logits
