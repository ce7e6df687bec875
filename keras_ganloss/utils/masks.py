"""Keras masks: which steps of a sequence are no padding.

Keras ties them to tensors, and they get lost where tensors are cast or leave
a function; here they are read, kept beside and tied again.
"""

import functools
from typing import Any

import keras
from keras import ops

from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


class MaskReader(keras.layers.Layer):
    """Returns the mask of its input."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True  # Or Keras warns that it gets lost.

    def call(self, inputs: Nest, mask: Tensor = None) -> Nest:
        return mask


class MaskBinder(keras.layers.Layer):
    """Returns the first of its inputs, of which the second is the mask."""

    def call(self, inputs: Nest) -> Nest:
        return inputs[0]

    def compute_mask(self, inputs: Nest, previous_mask: Nest = None) -> Any:
        return inputs[1]


@functools.cache
def _reader():
    return MaskReader(autocast=False)


@functools.cache
def _binder():
    return MaskBinder(autocast=False)


def masks_of(tensors: Nest) -> Nest:
    """Returns the masks of a nest of tensors, `None` where there is none."""
    return keras.tree.map_structure(_reader(), tensors)


def bind_masks(tensors: Nest, masks: Nest) -> Nest:
    """Returns a nest of tensors that have these masks, as from `masks_of`."""

    def bind(tensor, mask):
        return tensor if mask is None else _binder()([tensor, mask])

    return keras.tree.map_structure(bind, tensors, masks)


def zero_padding(tensors: Nest, masks: Nest) -> Nest:
    """Returns a nest of tensors with zeros where a mask says padding."""

    def zero(tensor, mask):
        if mask is None:
            return tensor
        missing = (1,) * (len(tensor.shape) - len(mask.shape))
        mask = ops.reshape(mask, (*ops.shape(mask), *missing))
        return ops.where(mask, tensor, ops.zeros_like(tensor))

    return keras.tree.map_structure(zero, tensors, masks)
