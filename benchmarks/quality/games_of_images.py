"""The games that the benchmarks on images compare."""

import keras

from keras_ganloss import recipes
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.transforms import Pack

LEARNING_RATE = 1e-3  # The recipe begins above it and ends below.
EMA = 0.999
STEPS_PER_EXECUTION = 16


def constant(*penalties, **settings):
    """Returns a maker of arguments of `compile` without schedules.

    The optimizers are those of the recipe, but for their learning rate.
    """

    def make(num_steps):
        del num_steps
        return {
            "d_optimizer": keras.optimizers.Adam(LEARNING_RATE, 0.0, 0.99),
            "g_optimizer": keras.optimizers.Adam(LEARNING_RATE, 0.0, 0.99),
            "penalties": list(penalties),
            "ema": EMA,
            **settings,
        }

    return make


RECIPE = "recipe"
GAMES = {  # Functions of the number of steps, all of one run.
    RECIPE: recipes.annealed,
    "modified_minimax": constant(),
    "modified_minimax, Pack(2)": constant(transforms=[Pack(2)]),
    "modified_minimax, R1(1)": constant(R1(1.0)),
    "modified_minimax, R1(1), R2(1)": constant(R1(1.0), R2(1.0)),
    "wasserstein, GradientPenalty(10), d_steps=5": constant(
        GradientPenalty(10.0), d_loss="wasserstein", d_steps=5
    ),
    "relativistic, R1(1), R2(1)": constant(
        R1(1.0), R2(1.0), d_loss="relativistic"
    ),
}


# How the schedules were found: with this loss, which was that of the recipe.
LOSS = "relativistic"


def changed(**settings):
    """Returns a maker of a cooled game with other settings."""
    return lambda num_steps: {
        **recipes.annealed(num_steps, **settings),
        "d_loss": LOSS,
    }


CHANGES = {
    f"{LOSS}, cooled": changed(),
    f"{LOSS} at 1e-3": changed(learning_rate=1e-3),
    f"{LOSS} at 2e-3": changed(learning_rate=2e-3),
    f"{LOSS} at 3e-3": changed(learning_rate=3e-3),
    f"{LOSS} at 4e-3": changed(learning_rate=4e-3),
    f"{LOSS} at 8e-3": changed(learning_rate=8e-3),
    f"{LOSS} at 4e-3, ema=0.99": changed(learning_rate=4e-3, ema=0.99),
    f"{LOSS} at 2e-3, penalty 1 to 0.1": changed(
        learning_rate=2e-3, final_penalty=0.1
    ),
    f"{LOSS} at 2e-3, penalty 1 to 1": changed(
        learning_rate=2e-3, final_penalty=1.0
    ),
    f"{LOSS} at 2e-3, penalty 5 to 0.05": changed(
        learning_rate=2e-3, penalty=5.0, final_penalty=0.05
    ),
    f"{LOSS} at 2e-3, penalty 5 to 0.5": changed(
        learning_rate=2e-3, penalty=5.0, final_penalty=0.5
    ),
}
ALL = {**GAMES, **CHANGES}


def num_images(settings):
    """Returns how many images a discriminator sees at once."""
    sizes = [transform.size for transform in settings.get("transforms", ())]
    return max(sizes, default=1)
