"""Mistakes in the data, found before or while they come in."""

import inspect
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend
from keras_ganloss.game.checks import shapes_message
from keras_ganloss.game.readable_data import check_readable
from keras_ganloss.game.readable_data import check_values
from keras_ganloss.utils.shapes import compatible
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

_DATA = ("x", "y", "sample_weight")  # As `fit` calls them.

NO_TARGETS = (
    "The data have no targets. Call `fit(x, y)`, or yield pairs `(x, y)`. "
    "Received: y=None"
)
NOT_FINITE = (
    "The data of `fit` hold NaN or infinity. Clean them first: one such "
    "sample turns every weight into NaN."
)


def unpack(batch: Any, conditional: bool = False) -> tuple[Any, Any, Any]:
    """Returns real samples (of dtype `floatx`), their condition and weights.

    Args:
        batch: A batch as Keras gives it to `train_step`.
        conditional: Bool, whether there is a condition.

    Raises:
        ValueError: If labels come that nobody would read, or do not come.
    """
    real, condition, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
    check_labels(condition, conditional)
    if sample_weight is not None and not conditional:
        raise ValueError(_weights_message(sample_weight))
    real = as_float(keras.tree.map_structure(_as_finite, real))
    if condition is not None:
        condition = keras.tree.map_structure(_as_finite, condition)
    if sample_weight is not None:
        sample_weight = ops.cast(sample_weight, keras.config.floatx())
    return real, condition, sample_weight


def unpack_pairs(batch: Any) -> tuple[Any, Any, Any]:
    """Returns inputs, targets and weights of supervised data.

    With targets of several parts, Keras hands out weights for each part.

    Raises:
        ValueError: If there are no targets.
    """
    source, target, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
    if target is None:
        raise ValueError(NO_TARGETS)
    source = keras.tree.map_structure(_as_finite, source)
    target = keras.tree.map_structure(_as_finite, target)
    if sample_weight is not None:
        sample_weight = keras.tree.map_structure(_as_finite, sample_weight)
        sample_weight = as_float(sample_weight)
    return source, target, sample_weight


def _as_finite(tensor):
    tensor = ops.convert_to_tensor(tensor)
    if keras.backend.is_float_dtype(ops.dtype(tensor)):
        tensor = backend.check_finite(tensor, NOT_FINITE)
    return tensor


def as_float(tensors: Nest) -> Nest:
    """Casts a nest of tensors to `floatx`."""
    return keras.tree.map_structure(
        lambda tensor: ops.cast(tensor, keras.config.floatx()), tensors
    )


def unpack_domains(batch: Any) -> Nest:
    """Returns samples of two domains of which none belongs to another.

    Raises:
        ValueError: If there are no samples of the second, or weights.
    """
    x, y, sample_weight = unpack_pairs(batch)
    if sample_weight is not None:
        raise ValueError(
            "Samples without a pair have no common weight. Leave "
            "`sample_weight` out. Received: weights of shape "
            f"{[tuple(w.shape) for w in keras.tree.flatten(sample_weight)]}"
        )
    return as_float({"x": x, "y": y})


def check_labels(condition: Nest, conditional: bool) -> None:
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


def check_arguments(
    method: Any, game: Any, x: Nest, y: Nest, args: Any, kwargs: Any
) -> None:
    """Checks the arguments of `fit` or `evaluate` before Keras sees them.

    Args:
        method: The method of `keras.Model`.
        game: A model with `conditional` and `sample_shapes`.
        x, y, args, kwargs: What the user passed.
    """
    if not game.compiled:
        raise ValueError(
            "The game has no losses and optimizers yet: call `compile()` "
            f"before `{method.__name__}`. Received: compiled=False"
        )
    arguments = inspect.signature(method).bind(x, y, *args, **kwargs).arguments
    check_readable(game, arguments)
    weights = arguments.get("sample_weight")
    if weights is None:
        weights = arguments.get("class_weight")
    if weights is not None and not game.conditional:
        raise ValueError(_weights_message(weights))
    check_data("", x, y, game)
    validation = arguments.get("validation_data")
    if validation is not None:
        x_val, y_val = validation, None
        if isinstance(validation, (list, tuple)):
            x_val, y_val, _ = keras.utils.unpack_x_y_sample_weight(validation)
        check_data("validation ", x_val, y_val, game)
    arrays = [a for a in keras.tree.flatten(x) if isinstance(a, np.ndarray)]
    if arrays and not arguments.get("validation_split"):
        check_divisible(len(arrays[0]), arguments.get("batch_size"))


def check_all_finite(method: Any, args: Any, kwargs: Any) -> None:
    """Raises if arrays of `fit` have no targets, or are not finite.

    Args:
        method: The method of `keras.Model`, `fit` or `evaluate`.
        args, kwargs: What the user passed.
    """
    arguments = inspect.signature(method).bind(*args, **kwargs).arguments
    leaves = keras.tree.flatten(arguments.get("x"))
    arrays = [isinstance(leaf, np.ndarray) for leaf in leaves]
    if any(arrays) and all(arrays) and arguments.get("y") is None:
        raise ValueError(NO_TARGETS)
    named = [(name, arguments.get(name)) for name in _DATA]
    validation = arguments.get("validation_data")
    if isinstance(validation, (list, tuple)):
        named += zip([f"validation {name}" for name in _DATA], validation)
    for name, values in named:
        for leaf in keras.tree.flatten(values):
            if isinstance(leaf, np.ndarray):
                check_finite(name, leaf)


def check_data(prefix: str, x: Nest, y: Nest, game: Any) -> None:
    """Checks arrays, and what a `tf.data.Dataset` says of its elements."""
    specs = getattr(x, "element_spec", None)
    if specs is not None:
        samples, condition, _ = keras.utils.unpack_x_y_sample_weight(specs)
    elif all(isinstance(leaf, np.ndarray) for leaf in keras.tree.flatten(x)):
        samples, condition = x, y
    else:
        return  # Its first batch will tell.
    check_labels(condition, game.conditional)
    check_sample_shapes(samples, game.sample_shapes)
    for name, values in (("x", x), ("y", y)):
        for leaf in keras.tree.flatten(values):
            if isinstance(leaf, np.ndarray):
                check_finite(f"{prefix}{name}", leaf)


def check_sample_shapes(samples: Nest, shapes: Any) -> None:
    """Raises if data differ in shape from what the generator makes."""
    leaves = keras.tree.flatten(samples)
    found: list[Any] = [getattr(leaf, "shape", None) for leaf in leaves]
    if shapes is None or any(shape is None for shape in found):
        return
    if any(getattr(shape, "rank", 0) is None for shape in found):
        return
    found = [tuple(shape) for shape in found]
    same = len(found) == len(shapes) and all(
        compatible(one[1:], other[1:]) and len(one) == len(other)
        for one, other in zip(found, shapes)
    )
    if not same:
        if len(found) == len(shapes) == 1:
            found, shapes = found[0], shapes[0]
        raise ValueError(shapes_message(found, shapes))


def check_divisible(num: int, batch_size: int | None) -> None:
    """Raises if devices (`keras.distribution`) cannot share every batch.

    Args:
        num: Int, the number of samples in this process.
        batch_size: Int, or `None` for Keras's default.
    """
    distribution = keras.distribution.distribution()
    if distribution is None:
        return
    replicas = distribution.num_model_replicas
    parts = max(replicas // distribution.num_processes, 1)
    batch_size = min(batch_size or 32, num)
    if batch_size % parts or num % batch_size % parts:
        raise ValueError(
            "Every batch, the last one too, must be divisible by the number "
            "of devices. Choose such a `batch_size` and leave some samples "
            f"out. Received: batch_size={batch_size}, {num} samples (the "
            f"last batch has {num % batch_size or batch_size}), {parts} "
            "devices in this process"
        )


def check_finite(name: str, array: Any, rows: int = 4096) -> Tensor:
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


def as_condition(condition: Nest, num: int, conditional: bool) -> Nest:
    """Returns the condition as arrays of `num` rows, or `None`.

    Raises:
        ValueError: If it is missing, not wanted, or of another length.
    """
    if conditional == (condition is None):
        raise ValueError(
            "`condition` is needed by conditional networks, and by no "
            "others. Received: "
            f"condition={'None' if condition is None else type(condition)}, "
            f"conditional={conditional}"
        )
    if condition is None:
        return None
    if all(np.isscalar(leaf) for leaf in keras.tree.flatten(condition)):
        condition = np.asarray(condition)  # A plain list of labels.
    condition = keras.tree.map_structure(_words_as_objects, condition)
    check_values("condition", condition)
    for leaf in keras.tree.flatten(condition):
        if np.shape(leaf)[:1] != (num,):
            raise ValueError(
                "`condition` must have one row a sample. Received: "
                f"num={num}, condition.shape={np.shape(leaf)}"
            )
    return condition


def of_rank(condition: Nest, specs: Any) -> Nest:
    """Returns a condition in which `(n,)` and `(n, 1)` are what is declared.

    Keras makes one of the other in each call, and a compiled `predict` that
    has seen both takes neither.

    Args:
        condition: An array, or a nest of arrays.
        specs: `keras.InputSpec`s of the same structure, or `None` if nothing
            is known.
    """
    leaves, specs = map(keras.tree.flatten, (condition, specs))
    if len(leaves) != len(specs) or None in specs:
        return condition
    ranked = list(map(_of_rank, leaves, specs))
    return keras.tree.pack_sequence_as(condition, ranked)


def _of_rank(leaf, spec):
    shape, declared = tuple(np.shape(leaf)[1:]), tuple(spec.shape[1:])
    if (shape, declared) == ((), (1,)):
        return leaf[:, None]
    return leaf[:, 0] if (shape, declared) == ((1,), ()) else leaf


def _words_as_objects(leaf):
    """Returns an array as Keras takes it, which knows no words of numpy."""
    words = isinstance(leaf, np.ndarray) and leaf.dtype.kind in "US"
    return leaf.astype(object) if words else leaf


def _weights_message(weights):
    return (
        "`sample_weight` and `class_weight` need conditional networks: Keras "
        "drops weights without `y`, and a weight for real samples alone "
        "would have no partner among the fakes. Resample the data instead. "
        f"Received: weights of type {type(weights).__name__}"
    )
