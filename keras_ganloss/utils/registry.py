"""Lookup of classes by the snake_case form of their names."""

import re
from typing import Any

import keras

from keras_ganloss.utils.arguments import shown
from keras_ganloss.utils.suggestions import did_you_mean


def snake_case(name: str) -> str:
    """Returns `"least_squares"` for `"LeastSquares"`, `"r1"` for `"R1"`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def by_snake_case_name(*classes: Any) -> dict[str, Any]:
    """Returns `{"least_squares": LeastSquares, ...}`."""
    return {snake_case(entry.__name__): entry for entry in classes}


def get(
    identifier: Any,
    base_class: Any,
    classes: Any,
    hint: str = "",
    name: str = "identifier",
) -> Any:
    """Returns the instance that a name, a config or an instance stands for.

    Args:
        identifier: A key of `classes`, a config as made by
            `keras.saving.serialize_keras_object`, or an instance of
            `base_class`.
        base_class: What is expected.
        classes: Dict of name to class.
        hint: A sentence for the error message: what else is possible.
        name: What the user's argument is called, for the error message.

    Raises:
        ValueError: If `identifier` is none of these.
    """
    instance = identifier
    if isinstance(identifier, dict):
        instance = keras.saving.deserialize_keras_object(identifier)
    elif isinstance(identifier, str) and identifier in classes:
        instance = classes[identifier]()
    if isinstance(instance, base_class):
        return instance
    forms = [f"an instance of `{base_class.__name__}`", "its config"]
    forms += [f"one of {sorted(classes)}"] if classes else []
    *others, last = forms
    meant = did_you_mean(identifier, classes)
    raise ValueError(
        f"`{name}` must be {', '.join(others)} or {last}. {meant}{hint}"
        f"Received: {name}={shown(identifier)} (of type "
        f"{type(identifier).__name__})"
    )
