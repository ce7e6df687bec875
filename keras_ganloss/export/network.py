"""Networks without latents as files that a server runs."""

import os
from typing import Any

import keras

from keras_ganloss.export.generator import check_backend
from keras_ganloss.export.generator import check_packages
from keras_ganloss.export.generator import check_target
from keras_ganloss.export.generator import named_model
from keras_ganloss.export.generator import named_samples
from keras_ganloss.export.generator import write_atomically


def export_network(
    network: keras.Model,
    path: Any,
    names: Any,
    format: str = "tf_saved_model",
    verbose: Any = True,
) -> None:
    """Writes a network in a form that runs without this package.

    As `export_generator`, of a network whose inputs are all given: one
    signature with named inputs, whose outputs are called `samples`.

    Args:
        network: A functional or sequential `keras.Model`.
        path: See `export_generator`.
        names: List of the names of the inputs.
        format, verbose: See `export_generator`.

    Raises:
        ImportError: See `export_generator`.
        ValueError: See `export_generator`; and if the network does not tell
            its inputs, or has another number of them.

    Example:

    ```python
    export_network(autoencoder, "serving/autoencoder/1", ["image"])
    ```
    """
    path = os.path.abspath(os.fspath(path))
    check_target(path, format)
    inputs = keras.tree.flatten(getattr(network, "inputs", None) or [])
    if len(inputs) != len(names):
        raise ValueError(
            f"`network` must be functional or sequential, with {len(names)} "
            f"input(s). Received: network={network.name!r} with "
            f"{len(inputs)} known input(s)"
        )
    check_backend(format)
    check_packages(format)
    specs = [
        keras.InputSpec(
            dtype=tensor.dtype, shape=(None, *tensor.shape[1:]), name=name
        )
        for name, tensor in zip(names, inputs)
    ]

    def forward(*leaves):
        if len(leaves) == 1:
            samples = leaves[0]
        else:
            samples = keras.tree.pack_sequence_as(network.input, leaves)
        return named_samples(network(samples, training=False))

    def write(target):
        model = named_model(forward, specs)
        model.export(target, format=format, verbose=False)

    write_atomically(write, path)
    if verbose:
        print(f"Saved {network.name!r} at '{path}' (inputs: {names}).")
