"""Networks that do not fit each other, found before training starts."""

from typing import Any

import keras

from keras_ganloss.utils.shapes import compatible

OTHER_ORDER = (
    "These look like the networks in the other order: the generator comes "
    "first, `{game}(generator, discriminator)`."
)


def check_discriminator(game: Any, role: str) -> None:
    """Raises unless a discriminator takes what it will be shown.

    What networks do not tell, such as subclassed ones, is not checked.

    Args:
        game: A game with `transforms`.
        role: The name of the attribute that holds the discriminator.

    Raises:
        ValueError: If shapes or numbers of inputs contradict.
    """
    discriminator = getattr(game, role)
    samples = game.judged_shapes(discriminator)
    for transform in game.transforms:
        samples = transform.output_shapes(samples)
    taken = _shapes(discriminator, "inputs")
    if samples is None or not taken:
        return
    conditions = game.condition_shapes
    if game.transforms and conditions:  # They may be transformed, too.
        conditions = [None] * len(conditions)
    for transform in game.transforms:
        conditions = transform.condition_shapes(conditions)
    advice = _advice(game, role, taken, list(samples), conditions)
    if advice is None:
        return
    shown = [*samples, *(conditions or [])]
    names = f"{_list('sample', samples)}{_list(', condition', conditions)}"
    raise ValueError(
        f"`{role}` does not take what it is shown, [{names}]. {advice} "
        f"Received: {role} with inputs of shapes {taken}, and of what it is "
        f"shown {shown}"
    )


def _advice(game, role, taken, samples, conditions):
    """Returns what to do, or `None` if all is well."""
    if not _fit(taken[: len(samples)], samples):
        if _is_swapped(game, role, taken, samples):
            return OTHER_ORDER.format(game=type(game).__name__)
        if conditions and _fit(taken, [*conditions, *samples]):
            return (
                "The sample, which may be real or fake, comes first, and then "
                "the condition: `keras.Model([answer, x], logits)`, not "
                "`keras.Model([x, answer], logits)`."
            )
        if game.transforms:
            return "Change its input to the shapes that `transforms` make."
        return (
            "Its input must have the shape of the samples: change it, or the "
            "last layer of what makes them."
        )
    if conditions is None or len(taken) == len(samples) + len(conditions):
        return None
    if len(conditions) > len(game.condition_shapes):
        return (
            "Let it take what `transforms` tell it, after all else: "
            "`keras.Model([sample, level], logits)`, or with a condition "
            "`keras.Model([sample, [condition, level]], logits)`."
        )
    if not conditions:
        return (
            "Pass `conditional=True` if it shall see the condition too, or "
            "take the other inputs out."
        )
    return (
        "Pass `conditional=False` if it shall look at samples alone, or let "
        "it take the condition too."
    )


def _is_swapped(game, role, taken, samples):
    """Whether the discriminator looks like one of the makers."""
    made = _shapes(getattr(game, role), "outputs")
    return any(
        _fit(made, _shapes(maker, "inputs")[: len(made)])
        for maker in game.g_networks
    )


def _shapes(network, which):
    """Returns the shapes of inputs or outputs, none if it does not tell."""
    tensors = keras.tree.flatten(getattr(network, which, None) or [])
    return [tuple(tensor.shape) for tensor in tensors]


def _fit(taken, given):
    return len(taken) == len(given) and all(map(_takes, taken, given))


def _takes(taken, given):
    """Whether Keras feeds one shape to an input of another.

    It adds or takes away a last axis of one.
    """
    if given is None or len(taken) == len(given):
        return given is None or compatible(taken, given)
    shorter, longer = sorted((taken, given), key=len)
    return len(longer) == len(shorter) + 1 and longer[-1] == 1


def _list(name, shapes):
    return ", ".join([name] * len(shapes)) if shapes else ""
