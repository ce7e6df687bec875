"""Data that Keras would misread or refuse at length: a sentence instead."""

from typing import Any

import keras
import numpy as np

from keras_ganloss.utils.shapes import compatible

# A sample of more parts than this is rather a list of samples.
MOST_PARTS = 16

NOT_DENSE = {
    "SparseTensor": "`tf.sparse.to_dense({name})`",
    "RaggedTensor": "`{name}.to_tensor()`",
}


def check_readable(game: Any, arguments: Any) -> None:
    """Raises if what `fit` or `evaluate` got is not what networks take.

    Args:
        game: A game with `sample_shapes` and `if_lengths_differ`.
        arguments: Dict of the arguments of the method.

    Raises:
        ValueError: If it is, in a sentence.
    """
    x, y = arguments.get("x"), arguments.get("y")
    if x is None:
        raise ValueError(
            "`x` is missing: pass the data, an array, a `tf.data.Dataset`, a "
            "`PyDataset` or a generator. Received: x=None"
        )
    _check_batched(game, x)
    parts = {"x": x, "y": y, "sample_weight": arguments.get("sample_weight")}
    validation = arguments.get("validation_data")
    if isinstance(validation, (list, tuple)):
        names = [f"validation {name}" for name in parts]
        parts |= dict(zip(names, validation))
    elif validation is not None:
        _check_batched(game, validation)
        parts["validation_data"] = validation
    for name, value in parts.items():
        check_values(name, value)
    _check_lengths(game, x, y)


def check_values(name: str, values: Any) -> None:
    """Raises if an argument holds what is no array of numbers or words.

    Args:
        name: What it is called, for the message.
        values: An array, a nest of arrays, or a source of batches.
    """
    if isinstance(values, (list, tuple)):
        _check_list(name, values)
    values = getattr(values, "element_spec", values)
    for leaf in keras.tree.flatten(values):
        _check_leaf(name, leaf)


def _check_list(name, values):
    if any(np.isscalar(entry) for entry in keras.tree.flatten(values)):
        raise ValueError(
            f"`{name}` is a list of numbers or words, which Keras takes for "
            f"as many inputs. Pass an array: `np.asarray({name})`. Received: "
            f"{name} of type {type(values).__name__}, {len(values)} entries"
        )
    if len(values) > MOST_PARTS:
        raise ValueError(
            f"`{name}` is a list of samples, which Keras takes for as many "
            "parts of each sample. Make one array of it: "
            f"`np.stack({name})`. Received: {name} of type "
            f"{type(values).__name__}, {len(values)} entries"
        )


def _check_leaf(name, leaf):
    kind, module = type(leaf).__name__, type(leaf).__module__
    kind = kind.removesuffix("Spec")
    advice = None
    dtype = str(getattr(leaf, "dtype", ""))
    if module.startswith("scipy.sparse"):
        advice = f"It is sparse: pass `{name}.toarray()`."
    elif kind in NOT_DENSE:
        dense = NOT_DENSE[kind].format(name=name)
        advice = f"It is not dense: pass {dense}."
    elif isinstance(leaf, np.ma.MaskedArray):
        advice = (
            "It is masked, and what lies under the mask would be learned: "
            f"pass `{name}.filled(0.0)`, or leave such samples out."
        )
    elif "complex" in dtype:
        advice = (
            "It is complex: pass its parts as channels, "
            f"`np.stack([{name}.real, {name}.imag], axis=-1)`."
        )
    elif module.startswith("pandas"):
        _check_table(name, leaf)
    elif isinstance(leaf, np.ndarray):
        advice = _advice(name, leaf)
    if advice is not None:
        shape = getattr(leaf, "shape", None)
        raise ValueError(
            f"`{name}` must be a plain array of real numbers. {advice} "
            f"Received: {name} of type {kind}, dtype={dtype}, shape={shape}"
        )


def _advice(name, array):
    """Returns what to do with a dtype of numpy, `None` if all is well."""
    if array.dtype.kind in "US":
        if keras.backend.backend() == "tensorflow":
            return f"Words are taken as objects: `{name}.astype(object)`."
        return (
            "Words are for the TensorFlow backend: pass numbers, "
            f"`np.unique({name}, return_inverse=True)[1]`."
        )
    if array.dtype.kind in "Mm":
        return f"Dates are no numbers: `{name}.astype('float32')`."
    if array.dtype.kind == "O":
        first = array.flat[0] if array.size else None
        if not isinstance(first, (str, bytes)):
            return (
                "Its entries are objects, such as arrays of several sizes or "
                "a mix of types. Bring them to one size, and `np.stack` them."
            )
    return None


def _check_table(name, table):
    values = table.to_numpy()
    if values.dtype.kind == "O":
        raise ValueError(
            f"`{name}` has columns that are no numbers. Encode or drop them: "
            f"`{name}.select_dtypes('number')`. Received: {name} of type "
            f"{type(table).__name__}, dtype=object, shape={values.shape}"
        )
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        rows = ~np.isfinite(values.reshape(len(values), -1)).all(axis=1)
        raise ValueError(
            f"`{name}` holds NaN or infinity. Clean the data first, such as "
            f"`{name}.dropna()`: one such sample turns every weight into NaN. "
            f"Received: {rows.sum()} of {len(rows)} rows, the first is row "
            f"{rows.argmax()}"
        )


def _check_lengths(game, x, y):
    arrays = [
        leaf
        for leaf in keras.tree.flatten([x, y])
        if isinstance(leaf, np.ndarray) and leaf.ndim
    ]
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise ValueError(
            "`x` and `y` must have as many samples, all parts of them. "
            f"{game.if_lengths_differ} Received: arrays of {lengths} samples"
        )


def _check_batched(game, x):
    """Raises if a `tf.data.Dataset` has samples where batches should be."""
    spec, shapes = getattr(x, "element_spec", None), game.sample_shapes
    if spec is None or shapes is None:
        return
    found = [getattr(leaf, "shape", None) for leaf in keras.tree.flatten(spec)]
    found = [
        tuple(shape)
        for shape in found
        if shape is not None and shape.rank is not None
    ]
    if any(compatible(one, shape) for one in found for shape in shapes):
        return
    if any(one == tuple(shape[1:]) for one in found for shape in shapes):
        raise ValueError(
            "The dataset gives single samples, not batches. Pass "
            "`dataset.batch(32)`. Received: elements of shapes "
            f"{found}, samples of shapes {list(shapes)}"
        )
