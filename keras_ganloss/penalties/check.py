"""Finds the layers that a gradient penalty cannot be trained through."""

import contextlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend
from keras_ganloss.backend.keras_internals import flatten_layers
from keras_ganloss.backend.scoped_values import ScopedValues
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

# In units of the inputs' root mean square: a hundredth leaves float32 four
# digits, and central differences as many.
STEP = 1e-2
# Entries whose two one-sided differences differ by more than this part of
# their size have a kink between, such as that of a rectifier.
KINK = 0.1
# Second derivatives that are smaller than this part of the first ones do not
# matter, and float32 cannot tell them from zero.
FLOOR = 0.1
# The share of the largest differences that is disregarded.
OUTLIERS = 0.1
# The share of the entries that must be without a kink: of a layer, and of what
# has layers in it, whose kinks blur everything.
SMOOTH_LAYER = 0.5
SMOOTH_MODEL = 0.999


def check(
    discriminator: keras.Model, sample: Nest, tolerance: float = 0.1
) -> dict[str, Any]:
    """Compares second derivatives with finite differences, layer by layer.

    A gradient penalty is trained by differentiating the discriminator twice,
    which some layers do not survive: on TensorFlow, Keras's
    `LayerNormalization`, `GroupNormalization` and `BatchNormalization` are
    silently wrong, and nothing comes through bilinear resizing. Call it once,
    before a long training.

    Every layer, and every operation of a functional model, is run in training
    mode on what it gets when the discriminator judges `sample`. Nothing is
    changed by it. Points where a layer has a kink are left out.

    Args:
        discriminator: A built `keras.Model` that computes in float32.
        sample: One batch of what the discriminator is called on,
            `[samples, condition]` included. A few samples will do.
        tolerance: Float, the relative error from which on a layer is at
            fault. Defaults to 0.1: what is right is off by less than 0.02, as
            far as float32 can tell, and what is wrong by about 1.

    Returns:
        Dict of the layers' names to their relative errors; `None` for what
        could not be judged: layers without inputs that are floats, with kinks
        all over, or that draw random numbers without a seed.

    Raises:
        ValueError: If a layer is at fault, with its name.

    Example:

    ```python
    keras_ganloss.penalties.check(discriminator, images[:8])
    ```
    """
    parts, errors = measure(discriminator, sample)

    def is_wrong(part):
        error = errors.get(id(part))
        return error is not None and not error <= tolerance

    # A model is not named for what one of its layers does.
    faults = [
        f"{describe(part)}: {errors[id(part)]:.0%}"
        for part in parts
        if is_wrong(part) and not any(map(is_wrong, inside(part)))
    ]
    if faults:
        raise ValueError(
            "A gradient penalty would train on a wrong gradient: second "
            "derivatives differ from finite differences in some layers, by "
            "as much as stated. Take those of `keras_ganloss.layers` for "
            "normalization, nearest neighbors or pooling for resizing, or "
            "another backend. Received: discriminator with "
            f"{', '.join(faults)}"
        )
    return {describe(part): errors[id(part)] for part in parts}


def describe(part: Any) -> str:
    """Returns the name of a layer or an operation, and of its class."""
    return f"{part.name} ({type(part).__name__})"


def inside(part: Any) -> list[Any]:
    """Returns the layers in a layer, and the operations of a model."""
    if not isinstance(part, keras.layers.Layer):
        return []
    layers = flatten_layers(part, include_self=False)
    models = [one for one in (part, *layers) if isinstance(one, keras.Function)]
    found = [*layers, *(one for model in models for one in model.operations)]
    return list({id(one): one for one in found}.values())


def measure(discriminator: keras.Model, sample: Nest) -> Any:
    """Returns the parts that were run, and their errors by `id(part)`."""
    for layer in flatten_layers(discriminator):
        if layer.compute_dtype in ("float16", "bfloat16"):
            raise ValueError(
                "Finite differences need a discriminator that computes in "
                "float32. Build one with `dtype='float32'` for this check. "
                f"Received: layer={layer.name}, of the compute dtype "
                f"{layer.compute_dtype}"
            )
    calls = record(discriminator, sample)
    errors = {
        key: second_order_error(part, *arguments)
        for key, (part, arguments) in calls.items()
    }
    return [part for part, _ in calls.values()], errors


def record(discriminator: keras.Model, sample: Nest) -> dict[int, Any]:
    """Runs a network; returns `id(part)` to a part and its first arguments."""
    calls = {}

    def recording(part):
        call = part.call

        def wrapped(*args, **kwargs):
            calls.setdefault(id(part), (part, (args, kwargs)))
            return call(*args, **kwargs)

        return wrapped

    sample = keras.tree.map_structure(ops.convert_to_tensor, sample)
    with contextlib.ExitStack() as stack:
        for part in (discriminator, *inside(discriminator)):
            # An attribute of the object goes before that of its class, and
            # Keras need not hear of it.
            vars(part)["call"] = recording(part)
            stack.callback(vars(part).pop, "call")
        with ScopedValues():
            discriminator(sample, training=True)
    return calls


def is_float(leaf: Nest) -> bool:
    return ops.is_tensor(leaf) and "float" in keras.backend.standardize_dtype(
        leaf.dtype
    )


class Part:
    """A layer or operation as a function of its inputs and weights.

    Args:
        operation: A layer or operation.
        args, kwargs: What it is called on.
    """

    def __init__(
        self, operation: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        self.operation = operation
        self.arguments: tuple[Any, Any] = args, kwargs
        self.leaves: list[Any] = keras.tree.flatten(self.arguments)
        self.places: list[int] = [
            place for place, leaf in enumerate(self.leaves) if is_float(leaf)
        ]
        self.weights: list[Any] = []
        if isinstance(operation, keras.layers.Layer):
            self.weights = operation.trainable_weights

    @property
    def inputs(self) -> list[Any]:
        return [self.leaves[place] for place in self.places]

    @property
    def values(self) -> Any:
        return [ops.copy(weight.value) for weight in self.weights]

    def outputs(self, inputs: Nest, values: Tensor) -> Nest:
        """Returns a list of the outputs that are floats."""
        leaves = list(self.leaves)
        for place, leaf in zip(self.places, inputs):
            leaves[place] = leaf
        args, kwargs = keras.tree.pack_sequence_as(self.arguments, leaves)
        with ScopedValues() as scope:  # What it writes is forgotten.
            scope.state_mapping.update(zip(map(id, self.weights), values))
            outputs = self.operation(*args, **kwargs)
        return [leaf for leaf in keras.tree.flatten(outputs) if is_float(leaf)]

    def total(self, inputs: Nest, values: Tensor, shares: Tensor) -> Tensor:
        """Returns a weighted sum of the outputs."""
        outputs = self.outputs(inputs, values)
        return sum(
            ops.sum(share * output) for share, output in zip(shares, outputs)
        )

    def slopes(self, inputs: Nest, values: Tensor, shares: Tensor) -> Any:
        """Returns the gradients of `total` by all three, in this order."""
        _, _, found = backend.value_and_input_gradients(
            lambda nest: (self.total(*nest), None), [inputs, values, shares]
        )
        return found

    def slopes_of_slope(
        self, inputs: Nest, values: Tensor, shares: Tensor, direction: Any
    ) -> Any:
        """The gradients by all three of the slope of `total` along inputs."""

        def slope(nest):
            _, _, found = backend.value_and_input_gradients(
                lambda inputs: (self.total(inputs, *nest[1:]), None), nest[0]
            )
            return sum(
                ops.sum(part * one) for part, one in zip(direction, found)
            ), None

        nest = [inputs, values, shares]
        return backend.value_and_input_gradients(slope, nest)[2]


def arrays(nest: Nest) -> list[Any]:
    """Returns a list of lists of arrays, as float64."""
    return [
        [ops.convert_to_numpy(leaf).astype("float64") for leaf in group]
        for group in nest
    ]


def root_mean_square(array: Any) -> float:
    return float(np.sqrt(np.mean(np.square(array)))) if array.size else 0.0


def like(array: Any, tensor: Tensor) -> Tensor:
    return ops.convert_to_tensor(array, tensor.dtype)


def second_order_error(
    operation: Callable[..., Any], args: Any, kwargs: Any
) -> float | None:
    """Relative error of a layer's second derivatives, or `None`.

    The change of all gradients along a direction of the inputs is the
    gradient of the slope along that direction.
    """
    part = Part(operation, args, kwargs)
    generator = np.random.default_rng(0)
    inputs, values = part.inputs, part.values
    outputs = part.outputs(inputs, values)
    if not inputs or not outputs:
        return None

    # Noise alone would average out over a large batch. The ones move the
    # means that a normalization takes, and the outputs its variances.
    def direction_of(tensor):
        noise = 1.0 + generator.normal(size=tuple(tensor.shape))
        size = root_mean_square(ops.convert_to_numpy(tensor)) or 1.0
        return like(size * noise, tensor)

    def share_of(tensor):
        array = ops.convert_to_numpy(tensor)
        noise = generator.normal(size=array.shape)
        return like(noise + array / (root_mean_square(array) or 1.0), tensor)

    direction = [direction_of(tensor) for tensor in inputs]
    shares = [share_of(tensor) for tensor in outputs]

    def slopes_at(step):
        moved = [one + step * part for one, part in zip(inputs, direction)]
        return arrays(part.slopes(moved, values, shares))

    center, again = slopes_at(0.0), slopes_at(0.0)
    if not all(map(np.array_equal, sum(center, []), sum(again, []))):
        return None
    try:
        found = part.slopes_of_slope(inputs, values, shares, direction)
    except LookupError:  # TensorFlow has no such derivative, and says so.
        return float("inf")
    ends = slopes_at(STEP), slopes_at(-STEP)
    groups = zip(arrays(found), center, *ends)
    smooth_share = SMOOTH_MODEL if inside(operation) else SMOOTH_LAYER
    errors = [compare(*group, smooth_share) for group in groups]
    return max((error for error in errors if error is not None), default=None)


def compare(
    found: Any, center: Any, after: Any, before: Any, smooth_share: float
) -> float | None:
    """Relative error of a group of arrays, or `None` if kinks are all over.

    Args:
        found: The derivatives in question, a list of arrays.
        center, after, before: What they are derivatives of, in the middle and
            a step to either side.
        smooth_share: The share of the entries that must be without a kink.
    """
    found, center, after, before = (
        np.concatenate([np.ravel(array) for array in group] or [[]])
        for group in (found, center, after, before)
    )
    forward, backward = (after - center) / STEP, (center - before) / STEP
    size = np.maximum(abs(forward), abs(backward))
    smooth = abs(forward - backward) <= KINK * (size + root_mean_square(center))
    if not smooth.size or smooth.mean() < smooth_share:
        return None
    expected = (forward + backward)[smooth] / 2
    difference = abs(found[smooth] - expected)
    # Two kinks can look like none.
    best = difference <= np.quantile(difference, 1.0 - OUTLIERS)
    size = max(
        np.linalg.norm(expected[best]),
        np.linalg.norm(FLOOR * center[smooth][best]),
    )
    difference = np.linalg.norm(difference[best])
    return float(difference / size) if difference else 0.0
