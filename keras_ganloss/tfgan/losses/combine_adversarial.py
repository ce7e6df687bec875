"""TF-GAN's sum of a main and an adversarial loss."""

import warnings
from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.losses.gradient_ratio import gradient_ratio_weight
from keras_ganloss.utils.shapes import compatible
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss.tfgan")
def combine_adversarial_loss(
    main_loss: Tensor,
    adversarial_loss: Tensor,
    weight_factor: Any = None,
    gradient_ratio: float | None = None,
    gradient_ratio_epsilon: float = 1e-6,
    variables: Any = None,
    scalar_summaries: bool = True,
    gradient_summaries: bool = True,
    scope: Any = None,
) -> Tensor:
    """Adds two losses, by a fixed weight or by the ratio of gradients.

    A loss may be a function without arguments that returns it. With
    `gradient_ratio` it must be one where a tensor does not know how it was
    computed: on JAX, and on TensorFlow outside of `tf.function`.

    Args:
        main_loss: Float tensor of any shape.
        adversarial_loss: Float tensor. If the shapes differ, both losses
            are averaged over all axes but the first, with a warning.
        weight_factor: The weight of `adversarial_loss`. Exactly one of this
            and `gradient_ratio` must be given; 0, as a Python number,
            returns `main_loss` as it is.
        gradient_ratio: The norm of the gradient of `main_loss` divided by
            that of the weighted `adversarial_loss`.
        gradient_ratio_epsilon: Float, added to the norm that is divided by.
            Defaults to 1e-6.
        variables: List of `keras.Variable`s to differentiate with respect
            to, such as `generator.trainable_variables`. Needed for
            `gradient_ratio`.
        scalar_summaries, gradient_summaries: Not used: there are no graph
            summaries.
        scope: See `keras_ganloss.tfgan`.

    Returns:
        Float tensor of the shape of the losses.

    Raises:
        ValueError: If both or none of the weights are given, the losses do
            not fit, or the gradients cannot be had.

    Example:

    >>> main, adversarial = ops.convert_to_tensor([2.0]), ops.ones((1,))
    >>> loss = combine_adversarial_loss(main, adversarial, weight_factor=0.5)
    >>> float(loss[0])
    2.5

    Reference: [Rippel and Bourdev, 2017](https://arxiv.org/abs/1705.05823)
    """
    del scalar_summaries, gradient_summaries, scope
    if (weight_factor is None) == (gradient_ratio is None):
        raise ValueError(
            "Pass exactly one of `weight_factor` and `gradient_ratio`. "
            f"Received: weight_factor={weight_factor}, "
            f"gradient_ratio={gradient_ratio}"
        )

    def losses():
        return _matched(_value(main_loss), _value(adversarial_loss))

    if _is_zero(weight_factor) or _is_zero(gradient_ratio):
        return losses()[0]
    if gradient_ratio is None:
        main, adversarial = losses()
        weight = ops.stop_gradient(ops.cast(weight_factor, adversarial.dtype))
        return main + weight * adversarial
    _check_differentiable(main_loss, adversarial_loss, variables)
    (main, adversarial), gradients = backend.values_and_gradients(
        losses, variables
    )
    weight = gradient_ratio_weight(
        *gradients, gradient_ratio, gradient_ratio_epsilon
    )
    return main + ops.cast(weight, adversarial.dtype) * adversarial


def _value(loss):
    return ops.convert_to_tensor(loss() if callable(loss) else loss)


def _is_zero(number):
    return number is not None and not ops.is_tensor(number) and number == 0


def _matched(main, adversarial):
    shapes = tuple(main.shape), tuple(adversarial.shape)
    if compatible(*shapes):
        return [main, adversarial]
    if () in shapes or not compatible(shapes[0][:1], shapes[1][:1]):
        raise ValueError(
            "`main_loss` and `adversarial_loss` must have the same number of "
            "samples, or both be scalars. Received: "
            f"main_loss.shape={shapes[0]}, adversarial_loss.shape={shapes[1]}"
        )
    warnings.warn(
        "`main_loss` and `adversarial_loss` have different shapes, so the "
        "mean of each sample is taken of both. Average them yourself if that "
        f"is not meant. Received: main_loss.shape={shapes[0]}, "
        f"adversarial_loss.shape={shapes[1]}",
        stacklevel=3,
    )
    return [
        ops.mean(ops.reshape(loss, (ops.shape(loss)[0], -1)), axis=-1)
        for loss in (main, adversarial)
    ]


def _check_differentiable(main_loss, adversarial_loss, variables):
    if not variables or not all(
        isinstance(variable, keras.Variable) for variable in variables
    ):
        raise ValueError(
            "`gradient_ratio` needs the variables to differentiate with "
            "respect to: pass a list of `keras.Variable`s, such as "
            "`variables=generator.trainable_variables`. Received: "
            f"variables={variables!r}"
        )
    both_functions = callable(main_loss) and callable(adversarial_loss)
    if not both_functions and not backend.remembers_computation():
        raise ValueError(
            "Here a tensor does not know how it was computed, which "
            "`gradient_ratio` needs. Pass both losses as functions without "
            "arguments (`lambda: ...`), call this inside of a `tf.function` "
            "if the backend is TensorFlow, or pass `weight_factor`. Received: "
            f"main_loss={main_loss!r}, adversarial_loss={adversarial_loss!r}"
        )
