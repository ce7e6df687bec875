"""
Title: The Dirac-GAN
Description: One number against one number: which games end, and which circle?
Runs in: a minute on a CPU core.

The data are zeros, the generator always answers theta, the discriminator is
psi times x. Both start one away from the solution, (0, 0). Printed is how far
they are after 500 steps of 0.2, beside the norms that the published notebook
leads to: of updates at once, in turns, and in turns with five updates of the
discriminator.

Two things differ. In turns, the discriminator is first here and the generator
there; the tests let the generator move first and find the published norms.
And for consensus the published norms belong to half of its second term; with
all of it, five to one, the game runs away.
"""

import math
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import runs
from keras import ops

from keras_ganloss import GAN
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.penalties import WeightClipping
from keras_ganloss.transforms import InstanceNoise
from keras_ganloss.updates import AlternatingConsensus
from keras_ganloss.updates import Consensus

STEPS = 500
BATCH_SIZE = 64  # All samples are alike, but for instance noise.
RATE = 0.2
# Name; loss; function that returns further arguments of `compile`, given the
# discriminator's updates a turn, 0 for both players at once; published.
ROWS = [
    ("minimax", "minimax", lambda turns: {}, "3.10, 1.42, 1.85"),
    ("non-saturating", "modified_minimax", lambda turns: {},
     "0.64, 0.284, 0.139"),
    ("Wasserstein, clipping at 1", "wasserstein",
     lambda turns: {"penalties": [WeightClipping(1.0)]}, "1.00, 1.02, 0.917"),
    ("Wasserstein, gradient penalty 0.35", "wasserstein",
     lambda turns: {"penalties": [GradientPenalty(0.35)]},
     "1.80, 1.22, 0.716"),
    ("minimax, instance noise 0.7", "minimax",
     lambda turns: {"transforms": [InstanceNoise(0.7)]},
     "7e-3, 2e-2, 2e-2 (a random walk)"),
    ("minimax, R1 0.3", "minimax", lambda turns: {"penalties": [R1(0.3)]},
     "2.6e-6, 2.3e-7, 9e-34"),
    ("minimax, R1 1", "minimax", lambda turns: {"penalties": [R1(1.0)]},
     "9.5e-22, 7.5e-17, 5e-12"),
    ("non-saturating, R1 0.3", "modified_minimax",
     lambda turns: {"penalties": [R1(0.3)]}, "2.2e-6, 1.5e-7, 4e-34"),
    ("minimax, consensus 1", "minimax",
     lambda turns: {
         "updates": AlternatingConsensus(1.0) if turns else Consensus(1.0)
     },
     "2.1e-10, 1.3e-11, 5e-33"),
    ("relativistic, R1 0.3, R2 0.3", "relativistic",
     lambda turns: {"penalties": [R1(0.3), R2(0.3)]},
     "2.2e-13, 1.2e-14, 8e-22"),
]  # fmt: skip


class Constant(keras.layers.Layer):
    """Answers its only weight, whatever the latent."""

    def build(self, input_shape):
        del input_shape
        self.theta = self.add_weight(shape=(1,), initializer="ones")

    def call(self, latent):
        return ops.zeros_like(latent) + self.theta


def final_norm(d_loss, settings, turns):
    """Plays a game; returns the distance from the solution.

    Args:
        d_loss: See `GAN.compile`.
        settings: Further arguments of `GAN.compile`, a dict.
        turns: Int, the discriminator's updates a turn, 0 for both at once.
    """
    generator = keras.Sequential([keras.Input((1,)), Constant()])
    discriminator = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False)]
    )
    # The published code gives fakes the larger output: psi changes its sign.
    discriminator.set_weights([np.array([[-1.0]])])
    gan = GAN(generator, discriminator, seed=0)
    if turns == 0:
        settings.setdefault("updates", "simultaneous")
    gan.compile(
        d_optimizer=keras.optimizers.SGD(RATE),
        g_optimizer=keras.optimizers.SGD(RATE),
        d_loss=d_loss,
        d_steps=max(turns, 1),
        steps_per_execution=100,
        **settings,
    )
    zeros = np.zeros((STEPS * max(turns, 1) * BATCH_SIZE, 1))
    gan.fit(zeros, batch_size=BATCH_SIZE, verbose=0)
    return math.hypot(
        *generator.get_weights()[0].ravel(),
        *discriminator.get_weights()[0].ravel(),
    )


def main():
    keras.config.set_floatx("float64")
    rows = []
    for name, d_loss, settings, published in ROWS:
        norms = [
            final_norm(d_loss, settings(turns), turns) for turns in (0, 1, 5)
        ]
        rows.append([name, *(f"{norm:.2g}" for norm in norms), published])
    names = ["game", "at once", "in turns", "five to one", "published"]
    runs.print_table(names, rows)


if __name__ == "__main__":
    main()
