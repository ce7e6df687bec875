"""The games that the benchmarks on mixtures compare."""

from typing import NamedTuple

import keras
from keras.optimizers import schedules

from keras_ganloss import recipes
from keras_ganloss.layers import SpectralNormalization
from keras_ganloss.losses import FGAN
from keras_ganloss.losses import NonSaturating
from keras_ganloss.penalties import DRAGAN
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.penalties import LeCam
from keras_ganloss.penalties import MaxGradientPenalty
from keras_ganloss.penalties import OrthogonalRegularization
from keras_ganloss.penalties import Sobolev
from keras_ganloss.penalties import WeightClipping
from keras_ganloss.transforms import InstanceNoise
from keras_ganloss.transforms import Pack

LEARNING_RATE = 1e-3
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
        # New ones for each game: some have a memory.
        "penalties": [
            type(penalty).from_config(penalty.get_config())
            for penalty in penalties
        ],
        "ema": EMA,
        **settings,
    }


def cooled(d_loss, **discriminator):
    """Returns a contestant: the schedules of the recipe, another loss."""
    return Contestant(
        lambda num: {**recipes.annealed(num), "d_loss": d_loss}, discriminator
    )


# Each with the optimizers and the penalties of the recipe.
LOSSES = {
    **{
        f"{name}, cooled": cooled(name)
        for name in [
            "minimax",
            "least_squares",
            "hinge",
            "wasserstein",
            "fisher",
            "relativistic",
            "relativistic_average",
            "kullback_leibler",
            "reverse_kullback_leibler",
            "pearson",
            "squared_hellinger",
            "total_variation",
        ]
    },
    "NonSaturating(FGAN()), cooled": cooled(NonSaturating(FGAN())),
    **{
        f"{name}, cooled": cooled(name, num_outputs=16)
        for name in ["cramer", "maximum_mean_discrepancy", "sliced_wasserstein"]
    },
}


def with_noise(num_updates):
    """Returns settings with noise that is gone in the end."""
    stddev = schedules.CosineDecay(0.1, num_updates)
    settings = constant("modified_minimax", transforms=[InstanceNoise(stddev)])
    return settings(num_updates)


# Each with constant settings, and the loss that its paper has.
PENALTIES = {
    "modified_minimax, GradientPenalty(target=0)": Contestant(
        constant("modified_minimax", GradientPenalty(1.0, target=0.0))
    ),
    "modified_minimax, DRAGAN": Contestant(
        constant("modified_minimax", DRAGAN(1.0))
    ),
    "modified_minimax, LeCam": Contestant(
        constant("modified_minimax", LeCam(decay=0.99))
    ),
    "modified_minimax, InstanceNoise": Contestant(with_noise),
    "modified_minimax, OrthogonalRegularization": Contestant(
        constant("modified_minimax", OrthogonalRegularization())
    ),
    "wasserstein, MaxGradientPenalty": Contestant(
        constant("wasserstein", MaxGradientPenalty(1.0), d_steps=5)
    ),
    "wasserstein, WeightClipping": Contestant(
        constant("wasserstein", WeightClipping(0.1), d_steps=5)
    ),
    "wasserstein, Sobolev": Contestant(
        constant("wasserstein", Sobolev(), d_steps=5)
    ),
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


# How the schedules were found: with this loss, which was that of the recipe.
LOSS = "relativistic"


def annealed(learning_rate, d_loss=LOSS, **settings):
    """Returns a contestant: a cooled game with other settings."""
    return Contestant(
        lambda num: {
            **recipes.annealed(num, learning_rate, **settings),
            "d_loss": d_loss,
        }
    )


def held(num_updates):
    """Returns a rate of 2e-3 that stays for half of the run, and then falls."""
    half = num_updates // 2
    return schedules.CosineDecay(
        2e-3, num_updates - half, warmup_target=2e-3, warmup_steps=half
    )


def with_rate_held(num_updates):
    """Returns the settings of a cooled game at such a rate."""
    found = {**recipes.annealed(num_updates), "d_loss": LOSS}
    for player in ("d_optimizer", "g_optimizer"):
        config = found[player].get_config()
        config["learning_rate"] = held(num_updates)
        found[player] = keras.optimizers.Adam.from_config(config)
    return found


def with_both_halves(num_updates):
    """Returns such settings, with penalties that fall in the first half."""
    weight = schedules.CosineDecay(1.0, num_updates // 2, alpha=0.01)
    penalties = [R1(weight), R2(weight)]
    return {**with_rate_held(num_updates), "penalties": penalties}


def with_betas(learning_rate, beta_1, beta_2):
    """Returns a contestant: a cooled game with other memories of Adam."""

    def settings(num_updates):
        found = recipes.annealed(num_updates, learning_rate)
        for player in ("d_optimizer", "g_optimizer"):
            config = found[player].get_config()
            config.update(beta_1=beta_1, beta_2=beta_2)
            found[player] = keras.optimizers.Adam.from_config(config)
        return {**found, "d_loss": LOSS}

    return Contestant(settings)


CHANGES = {
    f"{LOSS} at 2e-3, held for half": Contestant(with_rate_held),
    f"{LOSS} at 2e-3, held, penalties light by then": Contestant(
        with_both_halves
    ),
    f"{LOSS} at 1e-3": annealed(1e-3),
    f"{LOSS} at 2e-3": annealed(2e-3),
    f"{LOSS} at 4e-3": annealed(4e-3),
    f"{LOSS} at 8e-3": annealed(8e-3),
    f"{LOSS} at 4e-3, penalty 10 to 0.1": annealed(
        4e-3, penalty=10.0, final_penalty=0.1
    ),
    f"{LOSS} at 4e-3, penalty 1 to 0.1": annealed(4e-3, final_penalty=0.1),
    f"{LOSS} at 4e-3, penalty 0.1 to 0.001": annealed(
        4e-3, penalty=0.1, final_penalty=0.001
    ),
    f"{LOSS}, penalty 1 to 0.03": annealed(None, final_penalty=0.03),
    f"{LOSS}, penalty 1 to 0.1": annealed(None, final_penalty=0.1),
    f"{LOSS} at 4e-3, beta_1=0.5": with_betas(4e-3, 0.5, 0.99),
    f"{LOSS} at 4e-3, beta_2=0.9": with_betas(4e-3, 0.0, 0.9),
    f"{LOSS} at 4e-3, beta_2=0.999": with_betas(4e-3, 0.0, 0.999),
    "recipe at 4e-3": annealed(4e-3, "modified_minimax"),
}
COMPARED = {**GAMES, **LOSSES, **PENALTIES}
ALL = {**COMPARED, **CHANGES}
