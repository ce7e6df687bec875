"""What a discriminator sees of targets and answers."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.game.ends import check_picked
from keras_ganloss.game.ends import get_head
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

HINT = (
    "Class labels are shown to the discriminator as `judged=` of "
    "`SupervisedGAN` says: `judged=keras_ganloss.models.one_hot` beside a "
    "softmax, `one_hot_of_logits` beside logits, the name of an output (or a "
    "list of names) where others are not judged, or a function of `(target, "
    "answer)` that returns both as they are judged"
)


@keras.saving.register_keras_serializable(package="keras_ganloss")
def one_hot(target: Nest, answer: Tensor) -> Any:
    """Class labels as one-hot vectors, beside the probabilities of classes.

    For `SupervisedGAN(..., judged=one_hot)`, whose explicit loss is
    `"sparse_categorical_crossentropy"`: loss and metrics get the labels.

    Args:
        target: Int labels of shape `(batch_size, ...)`, or with a last axis
            of one.
        answer: Probabilities of shape `(batch_size, ..., num_classes)`.

    Returns:
        The target and the answer, both of the shape of `answer`.

    Raises:
        ValueError: If the shapes do not fit.
    """
    shape, wanted = tuple(target.shape), tuple(answer.shape)
    if len(shape) == len(wanted) and shape[-1] == 1:
        target = ops.squeeze(target, axis=-1)
    if len(target.shape) != len(wanted) - 1 or wanted[-1] == 1:
        raise ValueError(
            "`one_hot` needs class labels of shape `(batch_size, ...)`, and "
            "answers with one number a class in their last axis. Received: "
            f"target.shape={shape}, answer.shape={wanted}"
        )
    labels = ops.cast(target, "int32")
    return ops.one_hot(labels, wanted[-1], dtype=answer.dtype), answer


@keras.saving.register_keras_serializable(package="keras_ganloss")
def one_hot_of_logits(target: Nest, answer: Tensor) -> tuple[Tensor, Tensor]:
    """As `one_hot`, beside the softmax of an answer that is logits.

    Args:
        target: See `one_hot`.
        answer: Logits of shape `(batch_size, ..., num_classes)`.
    """
    return one_hot(target, ops.softmax(answer, axis=-1))


def check_judged(judged: Nest, generator: keras.Model) -> None:
    """Raises unless `judged` is a function, or outputs of a generator."""
    check_picked("judged", judged, generator)


def judged_parts(
    judged: Nest,
    target: Nest,
    answer: Tensor,
    masks: Nest,
    generator: keras.Model,
) -> tuple[Any, Any, Any]:
    """Returns what the discriminator sees of a target and of an answer.

    Args:
        judged: See `SupervisedGAN`.
        target: A tensor or a nest of tensors, in the structure of `answer`.
        answer: Likewise.
        masks: The masks of the answer, likewise, `None` where there is none.
        generator: The `keras.Model` that answered.

    Returns:
        Both, and the masks of what is seen.

    Raises:
        ValueError: If the target looks like class labels, and the answer does
            not, or if a function does not return both.
    """
    if callable(judged):
        both = judged(target, answer)
        if not isinstance(both, (list, tuple)) or len(both) != 2:
            raise ValueError(
                "`judged` must return two things: what the discriminator sees "
                "of the target, and of the answer (`return ops.one_hot(target, "
                f"3), answer`). Received: judged={judged!r}, "
                f"returned {type(both).__name__}"
            )
        real, fake = both
        parts, masks = keras.tree.flatten(fake), keras.tree.flatten(masks)
        if len(parts) != len(masks):  # Which is of which is not known.
            masks = [None] * len(parts)
        return real, fake, keras.tree.pack_sequence_as(fake, masks)
    pick = get_head(judged, generator, "judged") or (lambda parts: parts)
    real, fake, masks = pick(target), pick(answer), pick(masks)
    if not isinstance(real, (dict, list, tuple)):
        real = _as_column(real, fake)
    _check_labels(real, fake)
    return real, fake, masks


def _check_labels(target, answer):
    """Raises if a target looks like class labels beside a number a class."""
    pairs = zip(keras.tree.flatten(target), keras.tree.flatten(answer))
    for one, other in pairs:
        shape, wanted = tuple(one.shape), tuple(other.shape)
        ranks = len(wanted) - len(shape)
        column = ranks == 0 and shape[-1:] == (1,) != wanted[-1:]
        if wanted[-1:] != (1,) and (ranks == 1 or column):
            raise ValueError(
                "The targets look like class labels, of which the answers "
                "have one number each: the discriminator cannot compare the "
                f"two. {HINT}; make a one-hot vector of each label "
                "(`keras.utils.to_categorical`) if the explicit loss is "
                '`"categorical_crossentropy"`. Received: targets of shape '
                f"{shape}, answers of shape {wanted}"
            )


def _as_column(target, answer):
    """Gives a target without a last axis of one this axis, as Keras does."""
    shape, wanted = tuple(target.shape), tuple(answer.shape)
    if len(shape) == len(wanted) - 1 and wanted[-1] == 1:
        return ops.expand_dims(target, axis=-1)
    return target
