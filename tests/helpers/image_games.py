"""Small games whose images tell what they were made from."""

import keras
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import InfoGAN
from keras_ganloss.models import Categorical


@keras.saving.register_keras_serializable(package="image_games")
class Offset(layers.Layer):
    """Adds a weight, which begins at zero, so that there is one to train."""

    def build(self, shape):
        self.offset = self.add_weight(shape=shape[1:], initializer="zeros")

    def call(self, inputs):
        return inputs + self.offset


def _critic(*inputs):
    flat = [layers.Flatten()(tensor) for tensor in inputs]
    both = layers.Concatenate()(flat) if len(flat) > 1 else flat[0]
    hidden = layers.Dense(8, activation="leaky_relu")(both)
    return layers.Dense(1)(layers.Dropout(0.2, seed=0)(hidden))


def mirror(shape=(2, 2, 1), **kwargs):
    """A game whose samples are their latents: of `shape`, whatever it is."""
    latent, sample = keras.Input(shape), keras.Input(shape)
    generator = keras.Model(latent, Offset()(latent), name="generator")
    discriminator = keras.Model(sample, _critic(sample), name="discriminator")
    return compiled(GAN(generator, discriminator, seed=0, **kwargs))


def conditional_mirror():
    """As `mirror`, with the label, a number, added to each pixel."""
    shape = (2, 2, 1)
    latent, label = keras.Input(shape), keras.Input((1,))
    added = layers.Add()([latent, layers.Reshape((1, 1, 1))(label)])
    generator = keras.Model([latent, label], Offset()(added))
    sample, label = keras.Input(shape), keras.Input((1,))
    discriminator = keras.Model([sample, label], _critic(sample, label))
    return compiled(GAN(generator, discriminator, seed=0))


def coded_mirror():
    """An `InfoGAN` whose images are the latent's row above the code's."""
    latent, code = keras.Input((3,)), keras.Input((3,))
    rows = [layers.Reshape((1, 3, 1))(tensor) for tensor in (latent, code)]
    image = Offset()(layers.Concatenate(axis=1)(rows))
    generator = keras.Model([latent, code], image)
    sample = keras.Input((2, 3, 1))
    guess = layers.Dense(3)(layers.Flatten()(sample))
    discriminator = keras.Model(sample, [_critic(sample), guess])
    return compiled(InfoGAN(generator, discriminator, [Categorical(3)], seed=0))


def compiled(game):
    game.compile(
        d_optimizer=keras.optimizers.SGD(0.1),
        g_optimizer=keras.optimizers.SGD(0.1),
        ema=0.5,
    )
    return game


def numpy(tensor):
    return ops.convert_to_numpy(tensor)
