"""Discriminators that return more than logits."""

from typing import Any

import keras


def check_heads(discriminator: keras.Model, what: Any) -> None:
    """Raises unless a discriminator has two outputs, if it tells.

    Args:
        discriminator: A `keras.Model`.
        what: What the second output is, for the message.
    """
    outputs = getattr(discriminator, "outputs", None)
    if outputs and len(keras.tree.flatten(outputs)) != 2:
        raise ValueError(
            f"`discriminator` must return `[logits, {what}]`: "
            "`keras.Model(x, [logits, other])`. Received: a discriminator "
            f"with {len(keras.tree.flatten(outputs))} output(s)"
        )
