"""What the networks are built of, for signals, images and volumes.

All of it has the channels last, whatever Keras is configured for.
"""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_ganloss.backend.keras_internals import run_with
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Shape
from keras_ganloss.utils.typing import Tensor

CHANNELS_LAST = {"data_format": "channels_last"}

# By the number of axes between batch and channels.
CONVOLUTION: dict[int, type] = {
    1: layers.Conv1D,
    2: layers.Conv2D,
    3: layers.Conv3D,
}
ZERO_PADDING: dict[int, type] = {
    1: layers.ZeroPadding1D,
    2: layers.ZeroPadding2D,
    3: layers.ZeroPadding3D,
}
AVERAGE_POOLING: dict[int, type] = {
    1: layers.AveragePooling1D,
    2: layers.AveragePooling2D,
    3: layers.AveragePooling3D,
}
# The first one has no other format.
UP_SAMPLING: dict[int, type] = {
    1: layers.UpSampling1D,
    2: lambda *args, **kwargs: layers.UpSampling2D(
        *args, **CHANNELS_LAST, **kwargs
    ),
    3: lambda *args, **kwargs: layers.UpSampling3D(
        *args, **CHANNELS_LAST, **kwargs
    ),
}


def num_axes(x: Tensor) -> int:
    """How many axes a tensor has between batch and channels."""
    return len(x.shape) - 2


def as_layer(layer: Any, name: str) -> Any:
    """Gives a layer its name: the wrapper of one that has nothing to wrap."""
    return layer.from_config({**layer.get_config(), "name": name})


def convolution(
    x: Tensor,
    filters: int,
    size: Any,
    strides: Any = 1,
    padding: Any = "valid",
    wrapper: Callable[..., Any] = as_layer,
    name: str | None = None,
    **kwargs: Any,
) -> Tensor:
    """Adds a convolution.

    Args:
        x: Symbolic tensor.
        filters, size, strides, **kwargs: See `keras.layers.Conv2D`.
        padding: `"valid"`, `"same"`, or an int or tuple of ints: how many
            zeros at both ends of each axis, as torch has it. With strides
            `"same"` is another thing.
        wrapper: Function of the layer and `name` that returns a layer, such
            as the class `SpectralNormalization`.
        name: The layer's name.
    """
    if isinstance(padding, str):
        kwargs["padding"] = padding
    else:
        x = zero_padding(x, padding, f"{name}_padding")
    layer = CONVOLUTION[num_axes(x)](
        filters, size, strides, name="convolution", **CHANNELS_LAST, **kwargs
    )
    return wrapper(layer, name=name)(x)


def zero_padding(x: Tensor, padding: Any, name: str) -> Tensor:
    """Adds as many zeros at both ends of each axis."""
    layer = ZERO_PADDING[num_axes(x)](padding, name=name, **CHANNELS_LAST)
    return layer(x)


def average_pooling(
    x: Tensor, size: Any, name: str, strides: Any = None
) -> Tensor:
    """Adds an average pooling without padding."""
    layer = AVERAGE_POOLING[num_axes(x)](
        size, strides, name=name, **CHANNELS_LAST
    )
    return layer(x)


def activation(x: Tensor, name: str, negative_slope: float = 0.2) -> Tensor:
    """Adds a leaky rectifier."""
    return layers.LeakyReLU(negative_slope, name=name)(x)


def check_input_shape(
    input_shape: Shape, axes: Sequence[int]
) -> tuple[int | None, ...]:
    """Returns a tuple; raises unless it is the shape of a sample.

    Args:
        input_shape: Of a sample, without the batch, channels last.
        axes: How many axes besides the channels there may be.

    Raises:
        ValueError: If there are more or fewer, or the channels are unknown.
    """
    try:
        shape = tuple(input_shape)
    except TypeError:
        shape = ()
    known = [size for size in shape if size is not None]
    if (
        len(shape) - 1 in axes
        and all(arguments.is_int(size) and size > 0 for size in known)
        and shape[-1] is not None
    ):
        return shape
    wanted = " or ".join(map(str, axes))
    raise ValueError(
        f"`input_shape` must be that of a sample without the batch: {wanted} "
        "axes of known or, if `None`, unknown size, and the number of "
        f"channels last. Received: input_shape={input_shape}"
    )


def open_inputs(
    input_shape: Shape, condition_shape: Any
) -> tuple[Tensor, Tensor]:
    """Begins a discriminator.

    Args:
        input_shape: Of a sample.
        condition_shape: `None`; or of a map, whose sizes divide those of the
            sample; or `(size,)`, of a vector. Maps that are smaller are
            repeated, pixel by pixel, vectors at every position.

    Returns:
        What a `keras.Model` takes as inputs, and one symbolic tensor.

    Raises:
        ValueError: If they do not fit.
    """
    sample = keras.Input(input_shape, name="sample")
    if condition_shape is None:
        return sample, sample
    condition = keras.Input(condition_shape, name="condition")
    factors = repetitions(input_shape, tuple(condition_shape))
    x = condition
    if len(condition_shape) == 1:
        ones = (1,) * (len(input_shape) - 1)
        x = layers.Reshape((*ones, *condition_shape), name="condition_as_map")(
            x
        )
    if set(factors) != {1}:
        factors = factors[0] if len(factors) == 1 else factors
        x = UP_SAMPLING[num_axes(x)](factors, name="condition_repeated")(x)
    joined = layers.Concatenate(name="sample_and_condition")([sample, x])
    return [sample, condition], joined


def repetitions(input_shape: Shape, condition_shape: Any) -> tuple[Any, ...]:
    """How often a condition has to be repeated along each axis."""
    *sizes, _ = input_shape
    *condition_sizes, channels = condition_shape
    if not condition_sizes:
        condition_sizes = [1] * len(sizes)
    pairs = list(zip(sizes, condition_sizes))
    fits = len(sizes) == len(condition_sizes) and channels is not None
    if fits and all(a == b or (a and b and a % b == 0) for a, b in pairs):
        return tuple(1 if a == b else a // b for a, b in pairs)
    raise ValueError(
        "`condition_shape` must be `(size,)` or the shape of a map, channels "
        "last, whose sizes divide those of the sample, all of them known "
        "unless they are the same. Resize the condition in the data, or in a "
        f"network of yours. Received: input_shape={input_shape}, "
        f"condition_shape={condition_shape}"
    )


def graft(network: keras.Model, inputs: Nest, prefix: str) -> list[Any]:
    """Runs a copy of a network whose layers have longer names.

    They belong to the model that is made of what this returns, each by
    itself, so that `FeatureMatching` and others find them by their names.

    Args:
        network: A functional `keras.Model`. It is left as it is.
        inputs: What to call it on.
        prefix: What to put before the names of its layers.

    Returns:
        List of symbolic tensors.

    Raises:
        ValueError: If the network is no functional one.
    """
    if not isinstance(network, keras.Function):
        raise ValueError(
            "Networks that are put together must be functional `keras.Model`s, "
            "whose layers can be named anew. Received: "
            f"network={network.name!r} (of type {type(network).__name__})"
        )

    copies = {}

    def copy(operation):
        if not isinstance(operation, layers.Layer):
            return operation
        if operation not in copies:
            name = f"{prefix}_{operation.name}"
            copies[operation] = as_layer(operation, name)
        return copies[operation]

    outputs = run_with(network, inputs, copy)
    for layer, copied in copies.items():
        copied.set_weights(layer.get_weights())
    return keras.tree.flatten(outputs)
