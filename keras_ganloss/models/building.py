"""What the networks tell of themselves, and building those not yet built."""

from typing import Any

import keras

from keras_ganloss.utils import arguments
from keras_ganloss.utils.shapes import compatible
from keras_ganloss.utils.shapes import map_shapes


def get_latent_shape(
    generator: keras.Model, latent_shape: Any, takes_condition: bool = True
) -> Any:
    """Returns the shape of a latent, without the batch, or a nest of such.

    Args:
        generator: A `keras.Model`.
        latent_shape: What the user says: an int, a sequence of ints, a list
            or dict of these, or `None`.
        takes_condition: Whether inputs after the first are conditions; else
            they are latents, too.

    Raises:
        ValueError: If neither the argument nor the generator tells.
    """
    if isinstance(latent_shape, dict):
        return {key: _as_shape(shape) for key, shape in latent_shape.items()}
    if latent_shape is not None:
        one = arguments.is_int(latent_shape)
        if one or not any(map(keras.tree.is_nested, latent_shape)):
            return _as_shape(latent_shape)
        return [_as_shape(shape) for shape in latent_shape]
    inputs = _inputs(generator)
    latents = inputs[:1]
    if len(inputs) > 1 and not takes_condition:
        _check_floats(generator)
        named = isinstance(generator.input, dict)
        latents = generator.input if named else inputs
    shapes = [shape[1:] for shape in _shapes(latents)]
    if shapes and not any(None in shape for shape in shapes):
        packed = keras.tree.map_structure(
            lambda tensor: tuple(tensor.shape[1:]), latents
        )
        return packed if len(shapes) > 1 else shapes[0]
    raise ValueError(
        "`latent_shape` is needed: the generator does not tell the shape of "
        "its latent. Pass `GAN(..., latent_shape=(128,))`. Received: "
        f"latent_shape=None, generator={generator.name!r} (of type "
        f"{type(generator).__name__})"
    )


def _as_shape(shape):
    sizes = (shape,) if arguments.is_int(shape) else shape
    return tuple(arguments.positive_int("latent_shape", n) for n in sizes)


def _check_floats(generator):
    """Raises if a latent would be an integer, which is a label's dtype."""
    for tensor in _inputs(generator):
        if not keras.backend.is_float_dtype(tensor.dtype):
            raise ValueError(
                "Without a condition all inputs of the generator are latents, "
                "which are floats. Make it conditional if it takes labels. "
                f"Received: generator={generator.name!r} with an input of "
                f"dtype {tensor.dtype}"
            )


def latent_shapes(latent_shape: Any) -> list[Any]:
    """Returns a list of the shapes of latents."""
    shapes = []
    map_shapes(shapes.append, latent_shape)
    return shapes


def check_one_latent(latent_shape: Any, needed_by: Any) -> None:
    """Raises if there are several latents.

    Args:
        latent_shape: What `get_latent_shape` returned.
        needed_by: Who can have one alone, for the message.
    """
    if not isinstance(latent_shape, tuple):
        raise ValueError(
            f"{needed_by} needs a generator of one latent: pass a tuple such "
            "as `latent_shape=(128,)`, and split the latent in the generator "
            f"if it is to be several. Received: latent_shape={latent_shape}"
        )


def get_conditional(
    generator: keras.Model,
    discriminator: keras.Model,
    conditional: bool,
    latent_shape: Any = None,
) -> bool:
    """Returns whether the networks take a condition.

    Raises:
        ValueError: If one does and the other does not.
    """
    inputs = _inputs(discriminator)
    told = len(inputs) > len(_outputs(generator))
    if conditional is False and told:
        return False  # `transforms` may tell it more; `compile` knows.
    if conditional is None:
        one = latent_shape is None or arguments.is_int(latent_shape)
        num_latents = 1 if one else len(latent_shapes(latent_shape))
        conditional = len(_inputs(generator)) > num_latents
    if inputs and conditional != told:
        wanted = "[sample, condition]" if conditional else "samples alone"
        raise ValueError(
            f"The generator is {'' if conditional else 'not '}conditional, "
            f"so the discriminator must take {wanted}; pass "
            "`conditional=False` if `transforms` tell it more, or if all "
            "inputs of the generator are latents. Received: a "
            f"discriminator with {len(inputs)} input(s)"
        )
    return conditional


def build(
    generator: keras.Model, discriminator: keras.Model, latent_shape: Any
) -> None:
    """Builds networks without weights by a symbolic call."""
    if generator.built and discriminator.built:
        return
    fake = generator(
        map_shapes(
            lambda shape: keras.KerasTensor((None, *shape)), latent_shape
        )
    )
    if not discriminator.built:
        discriminator(fake)


def build_discriminator(
    generator: keras.Model, discriminator: keras.Model
) -> None:
    """Builds a discriminator of samples alone, if the generator tells."""
    outputs = getattr(generator, "output", None)
    if not discriminator.built and outputs is not None:
        discriminator(outputs)


def conditions(generator: keras.Model, latent_shape: Any) -> Any:
    """Returns the inputs of a generator that are no latents, a nest.

    Args:
        generator: A `keras.Model`, functional or sequential, or another one,
            of which nothing is known.
        latent_shape: What `get_latent_shape` returned.
    """
    inputs = _inputs(generator)
    num_latents = len(latent_shapes(latent_shape))
    if len(inputs) <= num_latents:
        return []
    if isinstance(generator.input, dict):
        if not isinstance(latent_shape, dict):
            return inputs[num_latents:]
        names = [name for name in generator.input if name not in latent_shape]
        return {name: generator.input[name] for name in names}
    together = keras.tree.is_nested(generator.input[0])
    return generator.input[1 if together else num_latents :]


def condition_shapes(generator: keras.Model, latent_shape: Any) -> list[Any]:
    """Returns a list of the shapes of `conditions`."""
    return _shapes(conditions(generator, latent_shape))


def check_latents(generator: keras.Model, latent_shape: Any) -> None:
    """Raises unless a generator takes latents before anything else.

    Args:
        generator: A `keras.Model`, of which not all need be known.
        latent_shape: What `get_latent_shape` returned.
    """
    inputs = _inputs(generator)
    if not inputs:
        return
    if isinstance(generator.input, dict):
        named = latent_shape if isinstance(latent_shape, dict) else {"": ()}
        pairs = [(generator.input.get(k), named[k]) for k in named]
    else:
        pairs = list(zip(inputs, latent_shapes(latent_shape)))
    fits = len(inputs) > len(pairs) and all(
        tensor is not None and compatible(tensor.shape[1:], shape)
        for tensor, shape in pairs
    )
    if not fits:
        raise ValueError(
            "With `latent_shape` the generator must take `[latent, x]`, "
            "several latents before `x`, or a dict that has those of "
            f"`latent_shape`. Received: latent_shape={latent_shape}, a "
            f"generator with inputs of shapes {_shapes(inputs)}"
        )


def condition_specs(
    generator: keras.Model, conditional: bool, latent_shape: Any
) -> dict[str, Any]:
    """Returns `{"condition": specs}` if the generator tells, or `{}`.

    The specs are structured as the generator's condition.
    """
    found = conditions(generator, latent_shape)
    if not conditional or not found:
        return {}
    specs = keras.tree.map_structure(
        lambda tensor: keras.InputSpec(
            shape=(None, *tensor.shape[1:]), dtype=tensor.dtype
        ),
        found,
    )
    if len(specs) == 1 and not isinstance(specs, dict):
        specs = specs[0]
    return {"condition": specs}


def input_names(network: keras.Model) -> list[Any]:
    """Returns the names of a network's inputs, for a server.

    Inputs that the user has not named are called by their key in a dict, or
    get names that do not depend on what else there is in the process.
    """
    inputs = _inputs(network)
    if len(inputs) == 1:
        return ["source"]
    paths = keras.tree.flatten_with_path(network.input)
    return [
        _input_name(index, path, tensor)
        for index, (path, tensor) in enumerate(paths)
    ]


def _input_name(index, path, tensor):
    if not tensor.name.startswith("keras_tensor"):
        return tensor.name
    keys = [key for key in path if isinstance(key, str)]
    return "_".join(keys) or f"source_{index}"


def input_shapes(network: keras.Model) -> list[Any]:
    """Returns a list of the shapes of a network's inputs, or `None`."""
    return _shapes(_inputs(network)) or None


def output_shapes(network: keras.Model) -> Any:
    """Returns a list of the shapes of a network's outputs, or `None`."""
    outputs = getattr(network, "outputs", None)
    if not outputs:
        return None
    return [tuple(output.shape) for output in keras.tree.flatten(outputs)]


def _shapes(tensors):
    return [tuple(tensor.shape) for tensor in keras.tree.flatten(tensors)]


def _inputs(network):
    return keras.tree.flatten(getattr(network, "inputs", None) or [])


def _outputs(network):
    return keras.tree.flatten(getattr(network, "outputs", None) or [None])
