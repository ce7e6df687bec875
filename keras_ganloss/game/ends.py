"""What a discriminator ends in: its logits, and what is beside them."""

import warnings
from typing import Any

import keras

from keras_ganloss.utils.outputs import parts_of
from keras_ganloss.utils.outputs import symbolic_output
from keras_ganloss.utils.typing import Nest

WIDE_HINT = (
    "Let it end in one logit for real or fake (`Dense(1)` without an "
    "activation), or say which outputs are logits: `logits=0`, a name, a list, "
    "or a function of what it returns."
)


def get_head(
    logits: Any, network: keras.Model, argument: str = "logits"
) -> Any:
    """Returns a function that picks outputs, or `None` where all are meant.

    Args:
        logits: An index or name of an output, a list of such, a function of
            what the network returns, or `None`.
        network: A `keras.Model`.
        argument: What `logits` is called, for messages.
    """
    if logits is None or callable(logits):
        return logits
    several = isinstance(logits, (list, tuple))
    entries = logits if several else [logits]

    def head(outputs):
        names, parts = zip(*parts_of(outputs, network))
        picked = [parts[_index(entry, names, argument)] for entry in entries]
        return picked if several else picked[0]

    return head


def names_of(picked: Any, outputs: Any, network: keras.Model) -> list[Any]:
    """Returns the names of outputs, in the order of the flat ones.

    That is the key in a dict; where the logits are no dict, the name in what
    the network returns; else the place.

    Args:
        picked: The logits, a tensor or a nest of tensors.
        outputs: What the network returns, with the same tensors.
        network: A `keras.Model`.
    """
    known = {}
    if not isinstance(picked, dict):
        known = {
            id(leaf): name
            for name, part in parts_of(outputs, network)
            for leaf in keras.tree.flatten(part)
        }
    return [
        known.get(id(leaf), name)
        for name, part in parts_of(picked)
        for leaf in keras.tree.flatten(part)
    ]


def check_picked(argument: str, picked: Any, network: keras.Model) -> None:
    """Raises unless an argument picks outputs of a network, if it tells."""
    if picked is None or callable(picked):
        return
    entries = picked if isinstance(picked, (list, tuple)) else [picked]
    for entry in entries or [None]:
        if isinstance(entry, bool) or not isinstance(entry, (int, str)):
            raise ValueError(
                f"`{argument}` must be an index or the name of an output, a "
                "list of such, or a function. Received: "
                f"{argument}={picked!r}"
            )
    if getattr(network, "outputs", None):
        get_head(picked, network, argument)(symbolic_output(network))


def judged_outputs(logits: Any, discriminator: keras.Model) -> list[Any]:
    """Returns the symbolic outputs that are judged; none if it is not known."""
    return keras.tree.flatten(_judged(logits, discriminator))


def judged_names(logits: Any, discriminator: keras.Model) -> list[Any]:
    """Returns the names of what is judged; none if they are not known."""
    judged = _judged(logits, discriminator)
    if not keras.tree.flatten(judged):
        return []
    return names_of(judged, symbolic_output(discriminator), discriminator)


def _judged(logits, discriminator):
    if callable(logits) or not getattr(discriminator, "outputs", None):
        return []
    head = get_head(logits, discriminator)
    output = symbolic_output(discriminator)
    return output if head is None else head(output)


def _index(entry, names, argument):
    if isinstance(entry, int) and -len(names) <= entry < len(names):
        return entry
    if entry in names:
        return names.index(entry)
    raise ValueError(
        f"`{argument}` must name outputs of the network, or be their index. "
        f"Received: {argument}={entry!r}, outputs called {names}"
    )


def warn_of_outputs(
    discriminator: keras.Model, logits: Any, losses: Any
) -> None:
    """Warns of outputs that do not look like logits.

    Args:
        discriminator: A `keras.Model`.
        logits: See `get_head`.
        losses: List of the `AdversarialLoss`es that judge them.
    """
    outputs = judged_outputs(logits, discriminator)
    features = any(loss.judges_features for loss in losses)
    ends = {activation(discriminator.inputs, output) for output in outputs}
    if "softmax" in ends and not features and losses[0].from_logits:
        warnings.warn(
            f"The discriminator {discriminator.name!r} ends in a softmax, but "
            f"the loss {losses[0].name!r} expects logits: shares of classes "
            f"always add up to one. {WIDE_HINT} Received: last "
            "activation='softmax', outputs of shapes "
            f"{[tuple(output.shape) for output in outputs]}",
            stacklevel=4,
        )
    elif logits is None and not features:
        if not all(is_narrow(discriminator.inputs, one) for one in outputs):
            warnings.warn(
                f"The discriminator {discriminator.name!r} returns more than "
                "a logit a sample or a patch, and every number of it is "
                f"judged, be it a feature or a class. {WIDE_HINT} Received: "
                "outputs of shapes "
                f"{[tuple(output.shape) for output in outputs]}",
                stacklevel=4,
            )


def is_narrow(inputs: Nest, output: Any) -> bool:
    """Whether an output is one number a sample or a patch, in any shape."""
    if len(output.shape) < 2 or output.shape[-1] == 1:
        return True
    last = _last_operation(inputs, output)
    if isinstance(last, keras.Model):
        return all(is_narrow(last.inputs, one) for one in last.outputs)
    if isinstance(last, keras.layers.InputLayer) or _weights(last):
        return False
    sources = keras.tree.flatten(last.input)
    return all(is_narrow(inputs, source) for source in sources)


def activation(inputs: Nest, output: Any) -> str | None:
    """Returns the name of an output's activation, or `None`."""
    last = _last_operation(inputs, output)
    if isinstance(last, keras.Model) and len(last.outputs) == 1:
        return activation(last.inputs, last.outputs[0])
    name = type(last).__name__.lower()
    if name in ("softmax", "sigmoid"):
        return name
    if isinstance(last, keras.layers.Activation) or _weights(last):
        return getattr(getattr(last, "activation", None), "__name__", None)
    sources = keras.tree.flatten(last.input)
    if isinstance(last, keras.layers.InputLayer) or len(sources) != 1:
        return None
    return activation(inputs, sources[0])


def _last_operation(inputs, output):
    return keras.Model(inputs, output).operations[-1]


def _weights(operation):
    return getattr(operation, "weights", [])
