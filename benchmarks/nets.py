"""Networks of the benchmarks: sizes of the keras.io GAN examples."""

import keras
from keras import layers


def mlp():
    """Returns generator and discriminator for points in the plane."""
    generator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(128, activation="relu"),
            layers.Dense(128, activation="relu"),
            layers.Dense(2),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(128, activation="relu"),
            layers.Dense(128, activation="relu"),
            layers.Dense(1),
        ]
    )
    return generator, discriminator


def dcgan():
    """Returns the networks of keras.io's guide to `train_step`, 28x28."""
    generator = keras.Sequential(
        [
            keras.Input((128,)),
            layers.Dense(7 * 7 * 128),
            layers.LeakyReLU(0.2),
            layers.Reshape((7, 7, 128)),
            layers.Conv2DTranspose(128, 4, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Conv2DTranspose(128, 4, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Conv2D(1, 7, padding="same", activation="sigmoid"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(64, 3, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Conv2D(128, 3, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1),
        ]
    )
    return generator, discriminator


def wgan_gp():
    """Returns the networks of keras.io's WGAN-GP example, 28x28."""
    generator = keras.Sequential(
        [
            keras.Input((128,)),
            layers.Dense(4 * 4 * 256, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(0.2),
            layers.Reshape((4, 4, 256)),
            *_up(128, layers.LeakyReLU(0.2)),
            *_up(64, layers.LeakyReLU(0.2)),
            *_up(1, layers.Activation("tanh")),
            layers.Cropping2D(2),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.ZeroPadding2D(2),
            *_down(64, 0.0),
            *_down(128, 0.3),
            *_down(256, 0.3),
            *_down(512, 0.0),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
    )
    return generator, discriminator


def _up(filters, activation):
    return [
        layers.UpSampling2D(2),
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        activation,
    ]


def _down(filters, rate):
    block = [
        layers.Conv2D(filters, 5, strides=2, padding="same"),
        layers.LeakyReLU(0.2),
    ]
    return [*block, layers.Dropout(rate)] if rate else block
