"""The Dirac-GAN: one number against one number, as a real `GAN`.

The data are zeros, the generator always answers theta, the discriminator is
D(x) = psi * x. See Mescheder et al., 2018 (arXiv 1801.04406).
"""

import math

import keras
import numpy as np
from keras import ops

from keras_ganloss import GAN


@keras.saving.register_keras_serializable("dirac")
class Constant(keras.layers.Layer):
    """Answers its only weight, whatever the latent."""

    def build(self, input_shape):
        self.theta = self.add_weight(shape=(1,), name="theta")

    def call(self, latent):
        return ops.zeros_like(latent) + self.theta


def dirac_gan(theta=1.0, psi=1.0):
    generator = keras.Sequential([keras.Input((1,)), Constant()])
    discriminator = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False)]
    )
    gan = GAN(generator, discriminator, seed=0)
    generator.set_weights([np.array([theta])])
    discriminator.set_weights([np.array([[psi]])])
    return gan


def sgd(learning_rate):
    return keras.optimizers.SGD(learning_rate)


def state(gan):
    """Returns theta and psi."""
    networks = (gan.generator, gan.discriminator)
    return tuple(float(network.get_weights()[0].item()) for network in networks)


def fit(gan, steps, batch_size=1):
    """Trains for a number of batches; returns theta and psi."""
    zeros = np.zeros((steps * batch_size, 1))
    gan.fit(zeros, batch_size=batch_size, verbose=0)
    return state(gan)


def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))


# Gradients by pencil: of each player's loss by its own number.
D_GRADIENTS = {
    "minimax": lambda theta, psi: sigmoid(psi * theta) * theta,
    "modified_minimax": lambda theta, psi: sigmoid(psi * theta) * theta,
    "wasserstein": lambda theta, psi: theta,
    "hinge": lambda theta, psi: theta * (1.0 + psi * theta > 0.0),
    "least_squares": lambda theta, psi: psi * theta * theta,
    # Outputs on the data are zeros: the difference is that of the fake.
    "relativistic": lambda theta, psi: sigmoid(psi * theta) * theta,
}
G_GRADIENTS = {
    "minimax": lambda theta, psi: -sigmoid(psi * theta) * psi,
    "modified_minimax": lambda theta, psi: -sigmoid(-psi * theta) * psi,
    "wasserstein": lambda theta, psi: -psi,
    "hinge": lambda theta, psi: -psi,
    "least_squares": lambda theta, psi: (psi * theta - 1.0) * psi,
    "relativistic": lambda theta, psi: -sigmoid(-psi * theta) * psi,
}
