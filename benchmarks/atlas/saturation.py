"""What is left of the generator's gradient when the discriminator has learned.

The experiment of Arjovsky and Bottou, 2017
(https://arxiv.org/abs/1701.04862): a generator that does not move, and a
discriminator that is trained against it from scratch. Every now and then, the
length of the gradient of the generator's loss by its weights.

Data: a ring of eight narrow modes on a plane in a space of sixteen dimensions.
The generator is a small network with its first weights, whose samples lie on
another surface in that space. As in the paper's theory, there is then a
discriminator that tells them apart without an error.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from keras_ganloss import GAN
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2

STEPS = 4000
EVERY = 100
BATCH_SIZE = 256
DIMENSIONS = 16


def ring(num, seed):
    """Returns points of eight modes of width 0.01, shape `(num, 16)`."""
    random = np.random.default_rng(seed)
    angles = 2.0 * np.pi * random.integers(8, size=num) / 8.0
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points += 0.01 * random.standard_normal(points.shape)
    plane = np.linalg.qr(np.random.default_rng(0).normal(size=(DIMENSIONS, 2)))
    return (points @ plane.Q.T).astype("float32")


def make_networks():
    generator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(64, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(DIMENSIONS),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((DIMENSIONS,)),
            layers.Dense(128, activation="leaky_relu"),
            layers.Dense(128, activation="leaky_relu"),
            layers.Dense(1),
        ]
    )
    return generator, discriminator


def gradient_norm(gan, judge, real, latents):
    """The length of the gradient of the generator's loss by its weights."""
    weights = gan.generator.trainable_weights
    with tf.GradientTape() as tape:
        fake_output = judge(gan.generator(latents))
        loss = gan.g_loss(judge(real), fake_output)
    gradients = tape.gradient(loss, [weight.value for weight in weights])
    return float(tf.linalg.global_norm(gradients))


def run(entry, penalized, steps=STEPS, seed=0):
    """Trains the discriminator of a loss.

    Args:
        entry: An `Entry`; energies are the absolute value of the output.
        penalized: Bool, whether R1 and R2 hold the discriminator.
        steps: Int.
        seed: Int.

    Returns:
        Array of gradient norms, before training and then after each `EVERY`
        steps.
    """
    keras.utils.set_random_seed(seed)
    generator, discriminator = make_networks()
    if entry.low_is_real:
        energy = layers.Lambda(abs, output_shape=(1,))
        discriminator = keras.Sequential([discriminator, energy])
        discriminator.build((None, DIMENSIONS))
    gan = GAN(generator, discriminator, seed=seed)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-3),
        d_loss=entry.loss,
        penalties=[R1(1.0), R2(1.0)] if penalized else [],
        d_steps=10**9,  # The generator's turn never comes.
        steps_per_execution=EVERY,
    )
    real = ring(1024, 1)
    latents = np.random.default_rng(2).normal(size=(1024, 2)).astype("float32")

    def norm():
        return gradient_norm(gan, discriminator, real, latents)

    norms = [norm()]
    data = ring(EVERY * BATCH_SIZE, 3 + seed)
    for _ in range(steps // EVERY):
        gan.fit(data, batch_size=BATCH_SIZE, verbose=0)
        norms.append(norm())
    return np.array(norms)
