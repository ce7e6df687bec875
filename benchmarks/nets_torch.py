"""The networks of `nets.py` as torch users write them, channels first."""

from torch import nn


def mlp():
    """Returns generator and discriminator for points in the plane."""

    def network(num_outputs):
        return nn.Sequential(
            nn.Linear(2, 128),
            nn.ReLU(),
            nn.Linear(128, 128),
            nn.ReLU(),
            nn.Linear(128, num_outputs),
        )

    return network(2), network(1)


def dcgan():
    """Returns the networks of keras.io's guide to `train_step`, 28x28."""
    generator = nn.Sequential(
        nn.Linear(128, 7 * 7 * 128),
        nn.LeakyReLU(0.2),
        nn.Unflatten(1, (128, 7, 7)),
        nn.ConvTranspose2d(128, 128, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(128, 128, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(128, 1, 7, padding=3),
        nn.Sigmoid(),
    )
    discriminator = nn.Sequential(
        nn.Conv2d(1, 64, 3, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 3, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(128, 1),
    )
    return generator, discriminator


def wgan_gp():
    """Returns the networks of keras.io's WGAN-GP example, 28x28."""

    def up(inputs, outputs, activation):
        return [
            nn.Upsample(scale_factor=2),
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            activation,
        ]

    def down(inputs, outputs, rate):
        convolution = nn.Conv2d(inputs, outputs, 5, stride=2, padding=2)
        block = [convolution, nn.LeakyReLU(0.2)]
        return [*block, nn.Dropout(rate)] if rate else block

    generator = nn.Sequential(
        nn.Linear(128, 4 * 4 * 256, bias=False),
        nn.BatchNorm1d(4 * 4 * 256),
        nn.LeakyReLU(0.2),
        nn.Unflatten(1, (256, 4, 4)),
        *up(256, 128, nn.LeakyReLU(0.2)),
        *up(128, 64, nn.LeakyReLU(0.2)),
        *up(64, 1, nn.Tanh()),
        nn.ZeroPad2d(-2),
    )
    discriminator = nn.Sequential(
        nn.ZeroPad2d(2),
        *down(1, 64, 0.0),
        *down(64, 128, 0.3),
        *down(128, 256, 0.3),
        *down(256, 512, 0.0),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(2 * 2 * 512, 1),
    )
    return generator, discriminator
