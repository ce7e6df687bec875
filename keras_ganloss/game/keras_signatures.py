"""What methods of Keras take, for editors and type checkers."""

import functools
from collections.abc import Callable
from typing import Any
from typing import ParamSpec
from typing import TypeVar

import keras

P = ParamSpec("P")
R = TypeVar("R")


def takes(signature: Callable[P, R]) -> Callable[[Any], Callable[P, R]]:
    """Decorates what stands for a method of `keras.Model`, and calls it.

    Args:
        signature: The function of that name below.
    """
    method = getattr(keras.Model, signature.__name__)

    def decorate(function: Any) -> Any:
        documentation = function.__doc__ or method.__doc__
        functools.update_wrapper(function, method)
        function.__doc__ = documentation
        return function

    return decorate


def fit(
    self: Any,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: int | str = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool = True,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    validation_freq: int = 1,
) -> keras.callbacks.History:
    """See `keras.Model.fit`."""
    raise NotImplementedError


def evaluate(
    self: Any,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    verbose: int | str = "auto",
    sample_weight: Any = None,
    steps: int | None = None,
    callbacks: Any = None,
    return_dict: bool = False,
    **kwargs: Any,
) -> Any:
    """See `keras.Model.evaluate`."""
    raise NotImplementedError
