"""How many classes, or tuples of classes, samples reach, and how evenly."""

import numpy as np
from keras import ops

from keras_ganloss.metrics.mode_coverage import coverage_of_counts


def class_coverage(classes, num_classes):
    """How many classes samples reach, and how evenly.

    For samples of which a classifier tells the class. Samples of several
    parts, such as three digits in the channels of one image, have a class
    for each part, and every tuple of classes is a mode:
    `num_classes ** num_parts` of them.

    Args:
        classes: Int array or tensor of shape `(num_samples,)` or
            `(num_samples, num_parts)`, from 0 to `num_classes - 1`.
        num_classes: Int.

    Returns:
        Dict of numbers:

        - `classes`: how many (tuples of) classes there are.
        - `classes_kl`: `KL(generated || uniform)`. Zero for an even spread,
          `log(num_modes)` for a single one. Chance alone makes it about
          `(num_modes - 1) / (2 * num_samples)`.

    Raises:
        ValueError: If there are no samples, or classes out of range.

    Example:

    >>> class_coverage([[0, 0], [0, 1], [1, 0], [1, 1]], num_classes=2)
    {'classes': 4, 'classes_kl': 0.0}

    References:
    - [Metz et al., 2016](https://arxiv.org/abs/1611.02163)
    - [Lin et al., 2017](https://arxiv.org/abs/1712.04086)
    """
    classes = np.asarray(ops.convert_to_numpy(classes))
    if classes.size == 0 or classes.ndim not in (1, 2):
        raise ValueError(
            "`classes` must be of shape `(num_samples,)` or `(num_samples, "
            "num_parts)`, with at least one sample. Received: "
            f"classes.shape={classes.shape}"
        )
    if classes.min() < 0 or classes.max() >= num_classes:
        raise ValueError(
            f"`classes` must be from 0 to {num_classes - 1}. Received: "
            f"num_classes={num_classes}, classes from {classes.min()} to "
            f"{classes.max()}"
        )
    parts = classes.astype("int64").reshape(len(classes), -1)
    num_modes = num_classes ** parts.shape[1]
    counts = np.bincount(modes_of(parts, num_classes), minlength=num_modes)
    return class_statistics(counts)


def modes_of(classes, num_classes):
    """Returns the numbers of tuples of classes, the first part slowest.

    Args:
        classes: Int array or tensor of shape `(num_samples, num_parts)`.
        num_classes: Int.

    Returns:
        Array or tensor of shape `(num_samples,)`.
    """
    modes = 0
    for part in range(classes.shape[1]):
        modes = modes * num_classes + classes[:, part]
    return modes


def class_statistics(counts):
    """Returns the numbers of `class_coverage` from the samples of each mode.

    Args:
        counts: Array of shape `(num_modes,)`.
    """
    captured, divergence = coverage_of_counts(counts)
    return {"classes": captured, "classes_kl": divergence}
