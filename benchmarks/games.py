"""The games of the benchmarks, the same for every backend."""

import keras
import nets

import keras_ganloss
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.penalties import GradientPenalty

BATCH_SIZE = 64
D_STEPS = 3  # Of WGAN-GP, as in the keras.io example.
OPTIONS = {
    "mlp": {},
    "dcgan": {},
    "wgan_gp": {
        "d_loss": "wasserstein",
        "penalties": [GradientPenalty(10.0)],
        "d_steps": D_STEPS,
    },
    "dcgan_r1_r2": {"penalties": [R1(1.0), R2(1.0)]},
}


def sample_shape(name):
    return (2,) if name == "mlp" else (28, 28, 1)


def make_networks(name):
    return getattr(nets, name.removesuffix("_r1_r2"))()


def optimizers():
    return [keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2)]


def make_gan(name, **kwargs):
    """Returns a compiled game; `kwargs` go to `compile`."""
    gan = keras_ganloss.GAN(*make_networks(name), seed=0)
    gan.compile(*optimizers(), **OPTIONS[name], **kwargs)
    return gan
