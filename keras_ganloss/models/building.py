"""What the networks tell of themselves, and building those not yet built."""

import keras

from keras_ganloss.utils import arguments


def get_latent_shape(generator, latent_shape):
    """Returns the shape of a latent, without the batch.

    Raises:
        ValueError: If neither the argument nor the generator tells.
    """
    if latent_shape is not None:
        if arguments.is_int(latent_shape):
            latent_shape = (latent_shape,)
        return tuple(
            arguments.positive_int("latent_shape", size)
            for size in latent_shape
        )
    inputs = _inputs(generator)
    if inputs and None not in inputs[0].shape[1:]:
        return tuple(inputs[0].shape[1:])
    raise ValueError(
        "`latent_shape` is needed: the generator does not tell the shape of "
        "its latent. Pass `GAN(..., latent_shape=(128,))`. Received: "
        f"latent_shape=None, generator={generator.name!r} (of type "
        f"{type(generator).__name__})"
    )


def get_conditional(generator, discriminator, conditional):
    """Returns whether the networks take a condition.

    Raises:
        ValueError: If one does and the other does not.
    """
    inputs = _inputs(discriminator)
    told = len(inputs) > len(_outputs(generator))
    if conditional is False and told:
        return False  # `transforms` may tell it more; `compile` knows.
    if conditional is None:
        conditional = len(_inputs(generator)) > 1
    if inputs and conditional != told:
        wanted = "[sample, condition]" if conditional else "samples alone"
        raise ValueError(
            f"The generator is {'' if conditional else 'not '}conditional, "
            f"so the discriminator must take {wanted}; pass "
            "`conditional=False` if `transforms` tell it more. Received: a "
            f"discriminator with {len(inputs)} input(s)"
        )
    return conditional


def build(generator, discriminator, latent_shape):
    """Builds networks without weights by a symbolic call."""
    if generator.built and discriminator.built:
        return
    fake = generator(keras.KerasTensor((None, *latent_shape)))
    if not discriminator.built:
        discriminator(fake)


def build_discriminator(generator, discriminator):
    """Builds a discriminator of samples alone, if the generator tells."""
    outputs = getattr(generator, "output", None)
    if not discriminator.built and outputs is not None:
        discriminator(outputs)


def condition_specs(generator, conditional):
    """Returns `{"condition": specs}` if the generator tells, or `{}`.

    The specs are structured as the generator's condition.
    """
    inputs = _inputs(generator)
    if not conditional or len(inputs) < 2:
        return {}
    is_dict = isinstance(generator.input, dict)
    _, *conditions = inputs if is_dict else generator.input
    specs = keras.tree.map_structure(
        lambda tensor: keras.InputSpec(
            shape=(None, *tensor.shape[1:]), dtype=tensor.dtype
        ),
        conditions,
    )
    return {"condition": specs[0] if len(specs) == 1 else specs}


def input_names(network):
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


def input_shapes(network):
    """Returns a list of the shapes of a network's inputs, or `None`."""
    return [tuple(tensor.shape) for tensor in _inputs(network)] or None


def output_shapes(network):
    """Returns a list of the shapes of a network's outputs, or `None`."""
    outputs = getattr(network, "outputs", None)
    if not outputs:
        return None
    return [tuple(output.shape) for output in keras.tree.flatten(outputs)]


def _inputs(network):
    return keras.tree.flatten(getattr(network, "inputs", None) or [])


def _outputs(network):
    return keras.tree.flatten(getattr(network, "outputs", None) or [None])
