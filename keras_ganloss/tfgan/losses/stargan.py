"""TF-GAN's adapters of losses to the fields of a StarGAN."""

from collections.abc import Callable
from typing import Any


def stargan_generator_loss_wrapper(
    loss_fn: Callable[..., Any],
) -> Callable[..., Any]:
    """Makes a generator's loss read its outputs from a model's fields.

    Args:
        loss_fn: Function of the outputs on generated samples, such as
            `wasserstein_generator_loss`.

    Returns:
        A function of an object with the field
        `discriminator_generated_data_source_predication` (so spelled in
        TF-GAN), and of the other arguments of `loss_fn` by name.

    Reference: [Choi et al., 2017](https://arxiv.org/abs/1711.09020)
    """

    def wrapped(stargan_model, **kwargs):
        return loss_fn(
            stargan_model.discriminator_generated_data_source_predication,
            **kwargs,
        )

    return _named_after(loss_fn, wrapped)


def stargan_discriminator_loss_wrapper(
    loss_fn: Callable[..., Any],
) -> Callable[..., Any]:
    """Makes a discriminator's loss read its outputs from a model's fields.

    Args:
        loss_fn: Function of the outputs on real and on generated samples,
            such as `wasserstein_discriminator_loss`.

    Returns:
        A function of an object with the fields
        `discriminator_input_data_source_predication` and
        `discriminator_generated_data_source_predication`, and of the other
        arguments of `loss_fn` by name.

    Reference: [Choi et al., 2017](https://arxiv.org/abs/1711.09020)
    """

    def wrapped(stargan_model, **kwargs):
        return loss_fn(
            stargan_model.discriminator_input_data_source_predication,
            stargan_model.discriminator_generated_data_source_predication,
            **kwargs,
        )

    return _named_after(loss_fn, wrapped)


def stargan_gradient_penalty_wrapper(
    loss_fn: Callable[..., Any],
) -> Callable[..., Any]:
    """Makes a gradient penalty read its arguments from a model's fields.

    The discriminator's condition is the number of domains, an int.

    Args:
        loss_fn: Function such as `wasserstein_gradient_penalty`.

    Returns:
        A function of an object with the fields `input_data`,
        `input_data_domain_label`, `generated_data`, `discriminator_fn` and
        `discriminator_scope`, and of the other arguments of `loss_fn` by
        name.

    Reference: [Choi et al., 2017](https://arxiv.org/abs/1711.09020)
    """

    def wrapped(stargan_model, **kwargs):
        return loss_fn(
            real_data=stargan_model.input_data,
            generated_data=stargan_model.generated_data,
            generator_inputs=stargan_model.input_data_domain_label.shape[-1],
            discriminator_fn=stargan_model.discriminator_fn,
            discriminator_scope=stargan_model.discriminator_scope,
            **kwargs,
        )

    return _named_after(loss_fn, wrapped)


def _named_after(loss_fn, wrapped):
    # Not `functools.wraps`, which would also show the signature of `loss_fn`.
    wrapped.__name__ = loss_fn.__name__
    wrapped.__module__ = loss_fn.__module__
    wrapped.__doc__ = f"`{loss_fn.__name__}` of the fields of a StarGAN."
    return wrapped
