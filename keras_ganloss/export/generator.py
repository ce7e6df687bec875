import importlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_ganloss.game.calls import joined
from keras_ganloss.utils.shapes import map_shapes
from keras_ganloss.utils.typing import Nest

SUFFIXES = {
    "tf_saved_model": "",
    "onnx": ".onnx",
    "litert": ".tflite",
    "openvino": ".xml",
}
PACKAGES: dict[str, list[str]] = {
    "tf_saved_model": [],
    "onnx": ["tf2onnx"],
    "litert": [],
    "openvino": ["openvino", "scipy"],
}


def export_generator(
    generator: keras.Model,
    path: Any,
    latent_shape: Any,
    condition: Nest = None,
    format: str = "tf_saved_model",
    verbose: Any = True,
) -> None:
    """Writes a generator in a form that runs without this package.

    The SavedModel has named inputs and outputs and three signatures, each with
    the condition as a further input if there is one:

    - `serving_default`: `latent` to `samples`, as
      `generator(latent, training=False)` gives them.
    - `from_seeds`: `seeds`, an int64 for each row, to `samples`. A seed stands
      for the same sample in whatever batch it comes.
    - `sample`: `num` to as many `samples` that no call and no restart repeats,
      and their `seed`, with which `from_seeds` repeats them.

    The other formats have the first of these alone. A single condition is
    called `condition`, several are called `condition_0`, and those of a dict,
    be it of one, `condition_<key>`; the same goes for outputs. Floating
    samples are float32 whatever the dtype policy.

    Args:
        generator: A built Keras model that takes `latent` or
            `[latent, condition]`.
        path: Where to write. For TensorFlow Serving the last part is the
            version: `"serving/gan/1"`. For `"onnx"`, `"litert"` and
            `"openvino"` it ends in `.onnx`, `.tflite` and `.xml`. It is
            complete as soon as it exists, and never overwritten.
        latent_shape: Shape of one latent, without the batch; a list or a
            dict of such for a generator of several, which are then called
            `latent_0` and so on, or `latent_<key>`.
        condition: `None`, or a structure of `keras.InputSpec` or of other
            objects with a `shape`, batch first, and a `dtype`.
        format: One of `"tf_saved_model"`, `"onnx"`, `"litert"` and
            `"openvino"`. Defaults to `"tf_saved_model"`.
        verbose: Whether to print what was written. Defaults to `True`.

    Raises:
        ImportError: If a package that writes this format is missing.
        ValueError: If an argument does not fit, if `path` exists already, or
            under another backend than TensorFlow, which writes these files.

    Example:

    ```python
    import tensorflow as tf

    export_generator(generator, "serving/gan/1", latent_shape=(64,))
    served = tf.saved_model.load("serving/gan/1")
    served.signatures["from_seeds"](seeds=tf.constant([3, 5], tf.int64))
    ```
    """
    path = os.path.abspath(os.fspath(path))
    check_target(path, format)
    latent = latent_specs(latent_shape)
    latents = named_specs(latent, "latent")
    condition_specs = named_specs(condition)
    check_backend(format)
    check_packages(format)

    def forward(*leaves):
        source, told = leaves[: len(latents)], leaves[len(latents) :]
        source = keras.tree.pack_sequence_as(latent, source)
        told = keras.tree.pack_sequence_as(condition, told) if told else None
        inputs = joined(generator, source, told)
        return named_samples(generator(inputs, training=False))

    def write(target):
        if format == "tf_saved_model":
            # Here, because the package runs without TensorFlow until now.
            from keras_ganloss.backend import saved_model

            saved_model.write_saved_model(
                generator, forward, latents, condition_specs, target
            )
        else:
            model = named_model(forward, [*latents, *condition_specs])
            model.export(target, format=format, verbose=False)

    write_atomically(write, path)
    if verbose:
        inputs = [spec.name for spec in (*latents, *condition_specs)]
        print(f"Saved the generator at '{path}' (inputs: {', '.join(inputs)}).")


def check_target(path: Any, format: str) -> None:
    """Raises for an unknown format, a wrong suffix or a path in use."""
    if format not in SUFFIXES:
        raise ValueError(
            f"`format` must be one of {list(SUFFIXES)}. "
            f"Received: format={format!r}"
        )
    if not path.endswith(SUFFIXES[format]):
        raise ValueError(
            f"`path` must end in {SUFFIXES[format]!r} for format={format!r}. "
            f"Received: path={path!r}"
        )
    if os.path.lexists(path):
        raise ValueError(
            "`path` exists and is not overwritten, as a server may be reading "
            "it. Export to a new path, for TensorFlow Serving the next "
            "version (`.../2` after `.../1`), or delete it first. "
            f"Received: path={path!r}"
        )


def check_backend(format: str) -> None:
    """Raises under another backend than TensorFlow.

    Keras writes some of these files on JAX and torch, but not the same ones:
    without names, for one size of batch, or in operations of XLA that other
    programs do not read.
    """
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Exports are written by the TensorFlow backend. Save the model, "
            "`model.save('model.keras')`, and export it from a Python that "
            "was started with the environment variable KERAS_BACKEND="
            "tensorflow: `import keras_ganloss`, then "
            "`keras.saving.load_model('model.keras').export(path)`. "
            f"Received: format={format!r}, "
            f"backend={keras.backend.backend()!r}"
        )


def check_packages(format: str) -> None:
    """Raises if what writes this format cannot be imported."""
    for package in PACKAGES[format]:
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise ImportError(
                f"Exporting to this format needs the package `{package}`. "
                "Install it with `pip install keras-ganloss[serving]`. "
                f"Received: format={format!r}"
            ) from error


def latent_specs(latent_shape: Any) -> Nest:
    """Returns the spec of a latent, batch first, or a nest of such."""
    return map_shapes(_latent_spec, latent_shape)


def _latent_spec(latent_shape):
    if not latent_shape or any(
        size is None or size < 1 for size in latent_shape
    ):
        raise ValueError(
            "`latent_shape` must be the full shape of one latent, without the "
            "batch, as latents are drawn from it. "
            f"Received: latent_shape={latent_shape}"
        )
    return keras.InputSpec(dtype="float32", shape=(None, *latent_shape))


def named_specs(condition: Nest, prefix: str = "condition") -> list[Any]:
    """Returns a flat list of named specs for a structure of conditions."""
    if condition is None:
        return []
    specs = []
    for name, leaf in named_leaves(condition, prefix):
        if leaf.shape is None or leaf.dtype is None:
            raise ValueError(
                "Each condition needs a `shape`, batch first, and a `dtype`. "
                f"Received: condition={condition}"
            )
        specs.append(
            keras.InputSpec(
                dtype=leaf.dtype, shape=(None, *leaf.shape[1:]), name=name
            )
        )
    return specs


def named_samples(outputs: Nest) -> dict[str, Any]:
    """Returns a dictionary of the outputs, the floating ones as float32."""
    return {
        name: ops.cast(leaf, "float32")
        if keras.backend.is_float_dtype(leaf.dtype)
        else leaf
        for name, leaf in named_leaves(outputs, "samples")
    }


def named_leaves(structure: Any, prefix: str) -> list[Any]:
    """Returns `(name, leaf)` pairs, named by the prefix and the path.

    Raises:
        ValueError: If two names are equal.
    """
    leaves = keras.tree.flatten_with_path(structure)
    if len(leaves) == 1 and not any(isinstance(k, str) for k in leaves[0][0]):
        return [(prefix, leaves[0][1])]
    # A name has to be an identifier to be an argument of a signature.
    names = [
        re.sub(r"\W", "_", "_".join([prefix, *map(str, path)]))
        for path, _ in leaves
    ]
    if len(set(names)) < len(names):
        raise ValueError(
            "Keys must differ in letters, digits and underscores, which is "
            "what names of a signature are made of. Rename some. Received: "
            f"keys that give the names {names}"
        )
    return [(name, leaf) for name, (_, leaf) in zip(names, leaves)]


def named_model(forward: Callable[..., Any], specs: list[Any]) -> keras.Model:
    """Returns `forward` as a Keras model whose inputs and outputs have names.

    Keras names the inputs and outputs of what it exports after the keys of
    dictionaries.
    """
    inputs = {
        spec.name: keras.Input(spec.shape[1:], dtype=spec.dtype, name=spec.name)
        for spec in specs
    }
    model = keras.Model(inputs, forward(*inputs.values()))
    # The ONNX exporter refuses a model that was never called.
    model(
        {
            name: ops.zeros([size or 1 for size in tensor.shape], tensor.dtype)
            for name, tensor in inputs.items()
        }
    )
    return model


def write_atomically(write: Callable[..., Any], path: Any) -> None:
    """Calls `write` with a path beside `path` and moves the result there.

    A server that watches the directory never sees a half-written model.
    """
    directory, name = os.path.split(path)
    os.makedirs(directory, exist_ok=True)
    staging = tempfile.mkdtemp(prefix=f".{name}-", dir=directory)
    try:
        write(os.path.join(staging, name))
        # In this order the `.bin` of OpenVINO is there before its `.xml`.
        for entry in sorted(os.listdir(staging)):
            os.rename(
                os.path.join(staging, entry), os.path.join(directory, entry)
            )
    finally:
        shutil.rmtree(staging)
