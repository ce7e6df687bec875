"""Mistakes in the data, found before or while they come in."""

import inspect

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend

NOT_FINITE = (
    "The data of `fit` hold NaN or infinity. Clean them first: one such "
    "sample turns every weight into NaN."
)


def unpack(data, conditional):
    """Returns real samples (of dtype `floatx`), their condition and weights.

    Raises:
        ValueError: If labels come that nobody would read, or do not come.
    """
    real, condition, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    check_labels(condition, conditional)
    if sample_weight is not None and not conditional:
        raise ValueError(_weights_message(sample_weight))
    real = keras.tree.map_structure(_as_finite_float, real)
    if condition is not None:
        condition = keras.tree.map_structure(ops.convert_to_tensor, condition)
    if sample_weight is not None:
        sample_weight = ops.cast(sample_weight, keras.config.floatx())
    return real, condition, sample_weight


def _as_finite_float(tensor):
    tensor = ops.convert_to_tensor(tensor)
    if keras.backend.is_float_dtype(tensor.dtype):
        tensor = backend.check_finite(tensor, NOT_FINITE)
    return ops.cast(tensor, keras.config.floatx())


def check_labels(condition, conditional):
    """Raises if there is a condition and none is wanted, or vice versa."""
    if conditional and condition is None:
        raise ValueError(
            "The networks take a condition, but the data have none. Call "
            "`fit(samples, conditions)`, or yield pairs `(samples, "
            "conditions)`. Received: y=None"
        )
    if not conditional and condition is not None:
        raise ValueError(
            "The data have labels, but the networks take no condition: they "
            "would be ignored. Leave the labels out (`dataset.map(lambda x, "
            "y: x)`), or give both networks a second input for them. "
            f"Received: y of type {type(condition).__name__}"
        )


def check_arguments(method, conditional, x, y, args, kwargs):
    """Checks the arguments of `fit` or `evaluate` before Keras sees them."""
    arguments = inspect.signature(method).bind(x, y, *args, **kwargs).arguments
    weights = arguments.get("sample_weight")
    if weights is None:
        weights = arguments.get("class_weight")
    if weights is not None and not conditional:
        raise ValueError(_weights_message(weights))
    if isinstance(x, np.ndarray):
        check_labels(y, conditional)
    for name, values in (("x", x), ("y", y)):
        for leaf in keras.tree.flatten(values):
            if isinstance(leaf, np.ndarray):
                check_finite(name, leaf)


def check_finite(name, array, rows=4096):
    """Raises, and says which sample it is, if an array is not finite."""
    if not np.issubdtype(array.dtype, np.floating):
        return
    for start in range(0, len(array), rows):
        finite = np.isfinite(array[start : start + rows])
        if not finite.all():
            bad = np.nonzero(~finite.reshape(len(finite), -1).all(axis=1))[0]
            raise ValueError(
                f"`{name}` holds NaN or infinity. Clean the data first: one "
                "such sample turns every weight into NaN. Received: "
                f"{name}[{start + bad[0]}] is not finite, the first of its "
                "kind"
            )


def check_condition(condition, num, conditional):
    """Raises unless `condition` has `num` rows, or is not wanted."""
    if conditional == (condition is None):
        raise ValueError(
            "`condition` is needed by conditional networks, and by no "
            "others. Received: "
            f"condition={'None' if condition is None else type(condition)}, "
            f"conditional={conditional}"
        )
    for leaf in keras.tree.flatten(condition):
        if leaf is not None and np.shape(leaf)[:1] != (num,):
            raise ValueError(
                "`condition` must have one row a sample. Received: "
                f"num={num}, condition.shape={np.shape(leaf)}"
            )


def _weights_message(weights):
    return (
        "`sample_weight` and `class_weight` need conditional networks: Keras "
        "drops weights without `y`, and a weight for real samples alone "
        "would have no partner among the fakes. Resample the data instead. "
        f"Received: weights of type {type(weights).__name__}"
    )
