"""
Title: Two right answers, and what a loss makes of them
Description: An explicit loss answers with the average, a learned one does not.
Runs in: under a minute a seed on two CPU cores; `--smoke` for a few seconds.

Half of the points lie one above the line y = x, half one below. For every x
there are two right answers. The mean squared error is smallest at their
average, on the line, where there are no points at all. A discriminator that
looks at x and an answer learns where the points are; trained against it, the
same network answers with a right one.
"""

import argparse
import os
import pathlib

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

from keras_ganloss import SupervisedGAN
from keras_ganloss.balances import GradientRatio

NOISE = 0.05


# Batches that one call of the compiled loop trains on.
STEPS = 64


def make_data(seed, num=1024):
    """Points of two bands, `(x, y)`, shape `(num, 1)` each."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1.0, 1.0, (num, 1))
    band = random.choice([-1.0, 1.0], (num, 1))
    y = x + band + NOISE * random.standard_normal((num, 1))
    return x.astype("float32"), y.astype("float32")


def make_student():
    """One number in, one number out."""
    return keras.Sequential(
        [
            keras.Input((1,)),
            layers.Dense(32, activation="tanh"),
            layers.Dense(32, activation="tanh"),
            layers.Dense(1),
            # The answers have as much noise as the points, else the noise
            # alone would give them away. It is off outside of training.
            layers.GaussianNoise(NOISE),
        ]
    )


def make_critic():
    """Judges `[answer, x]`."""
    answer, x = keras.Input((1,)), keras.Input((1,))
    hidden = layers.Concatenate()([x, answer])
    for _ in range(2):
        hidden = layers.Dense(32)(hidden)
        hidden = layers.LeakyReLU(negative_slope=0.2)(hidden)
    return keras.Model([answer, x], layers.Dense(1)(hidden))


def train_explicit(x, y, steps):
    """The mean squared error alone."""
    student = make_student()
    student.compile(
        keras.optimizers.Adam(1e-2), "mse", steps_per_execution=STEPS
    )
    return fit(student, x, y, steps)


def train_learned(x, y, steps, seed, **settings):
    """The learned loss, alone or beside another."""
    gan = SupervisedGAN(make_student(), make_critic(), seed=seed)
    gan.compile(
        g_optimizer=keras.optimizers.Adam(1e-3),
        d_optimizer=keras.optimizers.Adam(2e-3),
        d_loss="modified_minimax",
        steps_per_execution=STEPS,
        **settings,
    )
    return fit(gan, x, y, steps)


def fit(model, x, y, steps):
    """Trains for a number of batches of 128; an epoch is `STEPS` of them."""
    repeats = STEPS * 128 // len(x)
    x, y = np.tile(x, (repeats, 1)), np.tile(y, (repeats, 1))
    model.fit(x, y, batch_size=128, epochs=-(-steps // STEPS), verbose=0)
    return model


def distances(student):
    """Mean distance of the answers to the nearest band, and to the line."""
    x = np.linspace(-1.0, 1.0, 201, dtype="float32")[:, None]
    offset = student.predict(x, verbose=0) - x
    nearest = np.abs(np.abs(offset) - 1.0).mean()
    return x, offset + x, nearest, np.abs(offset).mean()


def run(seed, scale):
    """Trains the three students of a seed; returns what they answer."""
    keras.utils.set_random_seed(seed)
    x, y = make_data(seed)
    answers = {}
    answers["mean squared error"] = distances(
        train_explicit(x, y, 2000 // scale)
    )
    answers["learned loss"] = distances(
        train_learned(x, y, 8000 // scale, seed)
    )
    answers["both"] = distances(
        train_learned(
            x,
            y,
            8000 // scale,
            seed,
            loss="mse",
            loss_weights={"adversarial": GradientRatio(30.0, maximum=100.0)},
        )
    )
    return (x, y), answers


def draw(data, answers, path):
    """Writes the picture: the points, and a line for each student."""
    from matplotlib import figure

    picture = figure.Figure(figsize=(9, 3), layout="constrained")
    axes = picture.subplots(1, len(answers), sharey=True)
    for axis, (name, (x, y, nearest, _)) in zip(axes, answers.items()):
        axis.scatter(*data, s=3, color="0.75")
        axis.plot(x, y, linewidth=2)
        axis.set_title(f"{name}\n{nearest:.2f} from the nearest answer")
        axis.set_xlabel("x")
    axes[0].set_ylabel("y")
    picture.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--output", default="two_answers", type=pathlib.Path)
    parser.add_argument("--seeds", default=5, type=int)
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    scale = 100 if arguments.smoke else 1
    arguments.output.mkdir(parents=True, exist_ok=True)
    print("seed, loss: distance to the nearest answer, to their average")
    for seed in range(1 if arguments.smoke else arguments.seeds):
        data, answers = run(seed, scale)
        for name, (_, _, nearest, average) in answers.items():
            print(f"{seed}, {name}: {nearest:.3f}, {average:.3f}", flush=True)
        if seed == 0:
            draw(data, answers, arguments.output / "two_answers.png")


if __name__ == "__main__":
    main()
