"""The games that the benchmarks on mixtures compare."""

from typing import NamedTuple

import keras

from keras_ganloss import recipes
from keras_ganloss.layers import SpectralNormalization
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.transforms import Pack

LEARNING_RATE = 2e-4
EMA = 0.999


class Contestant(NamedTuple):
    """A game to play.

    Attributes:
        settings: Function of the number of the discriminator's updates that
            returns arguments of `compile`.
        discriminator: Dict of arguments of `mixtures.make_discriminator`.
    """

    settings: callable
    discriminator: dict = {}


def constant(d_loss, *penalties, beta_1=0.0, beta_2=0.99, **settings):
    """Returns a function of the number of updates, which does not matter."""
    return lambda num_updates: {
        "d_optimizer": keras.optimizers.Adam(LEARNING_RATE, beta_1, beta_2),
        "g_optimizer": keras.optimizers.Adam(LEARNING_RATE, beta_1, beta_2),
        "d_loss": d_loss,
        "penalties": list(penalties),
        "ema": EMA,
        **settings,
    }


GAMES = {
    "minimax": Contestant(constant("minimax")),
    "modified_minimax": Contestant(constant("modified_minimax")),
    "modified_minimax, R1": Contestant(constant("modified_minimax", R1(1.0))),
    "modified_minimax, R1, R2": Contestant(
        constant("modified_minimax", R1(1.0), R2(1.0))
    ),
    "modified_minimax, Pack(2)": Contestant(
        constant("modified_minimax", transforms=[Pack(2)]), {"num_points": 2}
    ),
    "hinge, SpectralNormalization": Contestant(
        constant("hinge"), {"wrap": SpectralNormalization}
    ),
    "wasserstein, GradientPenalty": Contestant(
        constant("wasserstein", GradientPenalty(0.1), d_steps=5)
    ),
    "relativistic, R1, R2": Contestant(
        constant("relativistic", R1(1.0), R2(1.0))
    ),
    "recipe": Contestant(recipes.annealed),
}


def annealed(**settings):
    """Returns a contestant: the recipe with other settings."""
    return Contestant(lambda num: recipes.annealed(num, **settings))


def compiled(**settings):
    """Returns a contestant: the recipe with other arguments of `compile`."""
    return Contestant(lambda num: {**recipes.annealed(num), **settings})


def with_betas(beta_1, beta_2):
    """Returns a contestant: the recipe with other memories of Adam."""

    def settings(num_updates):
        found = recipes.annealed(num_updates)
        for player in ("d_optimizer", "g_optimizer"):
            config = found[player].get_config()
            config.update(beta_1=beta_1, beta_2=beta_2)
            found[player] = keras.optimizers.Adam.from_config(config)
        return found

    return Contestant(settings)


# The recipe, but for one thing.
CHANGES = {
    "recipe: learning_rate=8e-3": annealed(learning_rate=8e-3),
    "recipe: learning_rate=2e-3": annealed(learning_rate=2e-3),
    "recipe: learning_rate=1e-3": annealed(learning_rate=1e-3),
    "recipe: penalty 10 to 0.1": annealed(penalty=10.0, final_penalty=0.1),
    "recipe: penalty 1 to 0.1": annealed(final_penalty=0.1),
    "recipe: penalty 1 throughout": annealed(final_penalty=1.0),
    "recipe: penalty 0.1 to 0.001": annealed(penalty=0.1, final_penalty=1e-3),
    "recipe: no penalty": annealed(penalty=0.0, final_penalty=0.0),
    "recipe: modified_minimax": compiled(d_loss="modified_minimax"),
    "recipe: beta_1=0.5": with_betas(0.5, 0.99),
    "recipe: beta_2=0.9": with_betas(0.0, 0.9),
    "recipe: beta_2=0.999": with_betas(0.0, 0.999),
}
ALL = {**GAMES, **CHANGES}
