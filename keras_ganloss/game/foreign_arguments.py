"""Arguments that a game does not have, and what to pass instead."""

import inspect
from typing import Any

from keras_ganloss.utils.arguments import shown
from keras_ganloss.utils.suggestions import did_you_mean

# What `keras.Model` takes by keyword.
OF_KERAS = ("activity_regularizer", "autocast", "dtype", "name", "trainable")

_LATENT = "The latent's shape is a tuple: `latent_shape=(128,)`."
_D_STEPS = "It is `d_steps` of `compile`."
_PENALTY = (
    "Penalties are objects that carry their weight: "
    "`compile(penalties=[GradientPenalty(10.0)])`."
)
_LOSSES = (
    "Each player has a loss: pass `d_loss` for the discriminator, `g_loss` "
    "for the generator, or one of them and the other follows."
)
_OPTIMIZERS = (
    "Each player has an optimizer: pass `g_optimizer` for the generator and "
    "`d_optimizer` for the discriminator."
)
_EXPLICIT = (
    "Beside a learned loss, `SupervisedGAN` takes an explicit one: "
    "`compile(loss='mae', loss_weights={'supervised': 100.0})`."
)

# What other code calls it: the beginnings of its tutorials and libraries.
MEANT = {
    _LATENT: "latent_dim latent_size noise_dim noise_shape z_dim",
    _D_STEPS: "critic_steps discriminator_extra_steps n_critic num_critic",
    "It is `g_steps` of `compile`.": "generator_extra_steps n_generator",
    _PENALTY: "gp_weight gradient_penalty gradient_penalty_weight lambda_gp "
    "penalty r1_gamma r1_weight",
    _LOSSES: "adversarial_loss criterion d_loss_fn disc_loss_fn "
    "discriminator_loss discriminator_loss_fn g_loss_fn gan_loss gen_loss_fn "
    "generator_loss generator_loss_fn loss loss_fn",
    _OPTIMIZERS: "critic_optimizer d_opt disc_optimizer "
    "discriminator_optimizer g_opt gen_optimizer generator_optimizer opt "
    "optimizer",
    "Learning rates are those of `d_optimizer` and `g_optimizer`, such as "
    "`g_optimizer=keras.optimizers.Adam(1e-4)`.": "d_lr disc_lr "
    "discriminator_lr g_lr gen_lr generator_lr learning_rate lr",
    "Averaged weights are `ema=0.999` of `compile`.": "ema_decay "
    "ema_momentum use_ema",
    "It is `compile(loss_weights={'cycle': 10.0})`.": "cycle_loss_weight "
    "lambda_cycle",
    "It is `compile(loss_weights={'identity': 5.0})`.": "lambda_identity",
    _EXPLICIT: "lambda_l1 l1_weight reconstruction_loss",
    "It is an argument of the loss, such as "
    "`d_loss=ModifiedMinimax(label_smoothing=0.2)`.": "label_smoothing",
    "Metrics of a game are `metrics`.": "weighted_metrics",
    "They are logged by `metrics=[keras_ganloss.metrics.GradientNorms()]`.": (
        "grad_norm gradient_norms log_grad_norm log_gradient_norm "
        "log_gradient_norms track_grad_norm"
    ),
    "It is `updates`, such as 'alternating'.": "rule update update_rule",
    "Loss scaling is done where networks compute in float16.": (
        "auto_scale_loss loss_scaling"
    ),
}
MEANT = {
    name: advice for advice, names in MEANT.items() for name in names.split()
}


def refuse(cls: Any, method: Any, given: dict[str, Any]) -> None:
    """Raises if there are arguments that a method of a game does not have.

    Args:
        cls: The class of the game.
        method: `"compile"`, or `"__init__"`.
        given: Dict of keywords that nobody took.

    Raises:
        ValueError: If there are any, with what to pass instead.
    """
    unknown = [
        name
        for name in given
        if not (method == "__init__" and name in OF_KERAS)
    ]
    if not unknown:
        return
    name, call = unknown[0], cls.__name__
    if method == "compile":
        call += ".compile"
    raise ValueError(
        f"`{call}` has no argument `{name}`. {_advice(cls, method, name)} "
        f"Received: {name}={shown(given[name])}"
    )


def _advice(cls, method, name):
    names = _names(cls, method)
    if method == "compile" and name in _names(cls, "__init__"):
        return f"It belongs where the game is made: `{cls.__name__}(...)`."
    if method == "__init__" and name in _names(cls, "compile"):
        return f"It belongs to `compile({name}=...)`."
    if name in MEANT:
        return MEANT[name]
    meant = did_you_mean(name, names).strip()
    return meant or f"It has: {', '.join(sorted(names))}."


def _names(cls, method):
    """Names of what a method takes, and those that it hands arguments to."""
    names = set(OF_KERAS) if method == "__init__" else set()
    for base in cls.__mro__:
        if base.__module__.startswith("keras."):
            break
        function = vars(base).get(method)
        if function is not None:
            names |= {
                parameter.name
                for parameter in inspect.signature(function).parameters.values()
                if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
                or parameter.kind is parameter.KEYWORD_ONLY
            }
    return names - {"self"}
