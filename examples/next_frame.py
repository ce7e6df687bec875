"""
Title: The next frame, with an explicit loss and with a learned one
Description: The mean squared error shows both places at once, each half there.
Runs in: a minute on a CPU core, a seed; `--smoke` for some seconds, as in CI.

An article of clothing moves by six pixels a frame and turns, left or right, as
it likes. Two frames say where it comes from and what it is, but nothing says
which way it turns: there are two right answers. The mean squared error is
smallest at their average, two ghosts. A discriminator that looks at three
frames in a row learns that there is one article; trained against it, the same
network chooses a place.

The articles are those of Fashion-MNIST; see `datasets.py`.
"""

import argparse
import os
import pathlib
import time

# TensorFlow says a lot about graphics cards before it begins.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import datasets
import keras
import numpy as np
import rows
from keras import layers
from keras import ops

from keras_ganloss import SupervisedGAN
from keras_ganloss.balances import GradientRatio
from keras_ganloss.penalties import R1

SIZE = 32
ARTICLE = 14
STEP = 6
REACH = 8  # How far a network can move a frame: a little farther than needed.
STRIDE = 2
WIDTH = 24
# Right, down, left, up: one more is a turn to the right.
DIRECTIONS = STEP * np.array([[0, 1], [1, 0], [0, -1], [-1, 0]])

"""
## The data

Real images, half as large, on black frames with room for every turn. Black is
0 and white is 2, so that an empty place is what a network says to begin with.
"""


def place(articles, positions):
    """Returns frames with an article each, its corner at a position."""
    frames = np.zeros((len(articles), SIZE, SIZE, 1), "float32")
    for frame, article, (top, left) in zip(frames, articles, positions):
        frame[top : top + ARTICLE, left : left + ARTICLE] = article
    return frames


def make_sequences(images, num, seed):
    """Moves articles, drawn from images `(num_images, 28, 28, 1)`.

    Returns:
        Pairs of frames `(num, 32, 32, 2)`, the frames that followed
        `(num, 32, 32, 1)`, and those of the other turn.
    """
    random = np.random.default_rng(seed)
    images = images[random.integers(len(images), size=num)] + 1.0
    articles = np.stack([datasets.average(image, ARTICLE) for image in images])
    positions = random.integers(STEP, SIZE - ARTICLE - STEP + 1, (num, 2))
    direction = random.integers(4, size=num)
    turn = random.choice([-1, 1], num)
    before = place(articles, positions - DIRECTIONS[direction])
    now = place(articles, positions)
    following, other = (
        place(articles, positions + DIRECTIONS[(direction + way) % 4])
        for way in (turn, -turn)
    )
    return np.concatenate([before, now], axis=-1), following, other


"""
## The networks

A network sees two frames and says how the last one moves: it gives every move
within reach a share, and the next frame is the sum of the moved ones by their
shares, as in [Finn et al., 2016](https://arxiv.org/abs/1605.07157). The
discriminator of patches takes `[answer, input]` and judges squares of some
twenty pixels.
"""


@keras.saving.register_keras_serializable(package="next_frame")
class Moved(layers.Layer):
    """Frames `(num, size, size, 1)`, moved in all ways, by their shares."""

    def call(self, frames, shares):
        padded = ops.pad(
            frames, [[0, 0], [REACH, REACH], [REACH, REACH], [0, 0]]
        )
        starts = range(0, 2 * REACH + 1, STRIDE)
        moved = [
            padded[:, top : top + SIZE, left : left + SIZE, 0]
            for top in starts
            for left in starts
        ]
        return ops.einsum("bm,bmhw->bhw", shares, ops.stack(moved, 1))[
            ..., None
        ]

    def compute_output_shape(self, frames_shape, shares_shape):
        return frames_shape


def convolution(tensor, filters, size, strides=1):
    tensor = layers.Conv2D(filters, size, strides, "same")(tensor)
    return layers.LeakyReLU(negative_slope=0.2)(tensor)


def make_predictor():
    frames = keras.Input((SIZE, SIZE, 2))
    hidden = frames
    for filters in (WIDTH, 2 * WIDTH, 2 * WIDTH):
        hidden = convolution(hidden, filters, 4, 2)
    num_moves = (2 * REACH // STRIDE + 1) ** 2
    shares = layers.Dense(num_moves, activation="softmax")(
        layers.Flatten()(hidden)
    )
    return keras.Model(frames, Moved()(frames[..., 1:], shares))


def make_discriminator():
    answer = keras.Input((SIZE, SIZE, 1))
    frames = keras.Input((SIZE, SIZE, 2))
    hidden = layers.Concatenate()([answer, frames])
    for filters in (WIDTH, 2 * WIDTH, 4 * WIDTH):
        hidden = convolution(hidden, filters, 4, 2)
    logits = layers.Conv2D(1, 3, padding="same")(hidden)
    return keras.Model([answer, frames], logits)


"""
## Three ways to go on with the same network

A network that has been trained on the mean squared error, as you may have one,
is trained on: with the same loss, with the learned one in its place, with both.
The optimizer is the same, and so is the number of steps. `GradientRatio` keeps
the gradient of the learned loss at a multiple of the other's.
"""


def make_optimizer(rate=1e-3):
    return keras.optimizers.Adam(rate, beta_1=0.5, beta_2=0.99)


def make_explicit(predictor):
    predictor.compile(make_optimizer(), "mse", steps_per_execution=32)
    return predictor


def make_learned(predictor, seed, **settings):
    model = SupervisedGAN(predictor, make_discriminator(), seed=seed)
    model.compile(
        g_optimizer=make_optimizer(3e-4),
        d_optimizer=make_optimizer(2e-3),
        d_loss="modified_minimax",
        penalties=[R1(0.01)],
        steps_per_execution=32,
        **settings,
    )
    return model


def make_both(predictor, seed):
    weight = GradientRatio(3.0, maximum=1e4)
    return make_learned(
        predictor, seed, loss="mse", loss_weights={"adversarial": weight}
    )


"""
## What is measured

On articles of the test set. The gradient energy, the mean square of the
differences of neighbors, is divided by that of the real frames: a blurred or
half-transparent article has less. The error to the nearer of the two right
answers says whether one was chosen, the error to the one that came about what
choosing costs: who chooses is wrong half of the time, and twice as far off.
"""


def gradient_energy(frames):
    return float(
        np.square(np.diff(frames, axis=1)).mean()
        + np.square(np.diff(frames, axis=2)).mean()
    )


def error(frames, real):
    """Root mean squared error of each frame."""
    return np.sqrt(np.square(frames - real).mean((1, 2, 3)))


def measure(frames, following, other):
    """Returns relative gradient energy, nearest error, and error."""
    errors = error(frames, following), error(frames, other)
    energy = gradient_energy(frames) / gradient_energy(following)
    return energy, float(np.minimum(*errors).mean()), float(errors[0].mean())


def run(seed, training, frames, epochs):
    """Trains the three of a seed; yields name, predictions, CPU seconds."""
    keras.utils.set_random_seed(seed)
    first = make_explicit(make_predictor())
    first.fit(*training, batch_size=32, verbose=0)
    makers = {
        "mean squared error": make_explicit,
        "learned loss": lambda predictor: make_learned(predictor, seed),
        "both": lambda predictor: make_both(predictor, seed),
    }
    for name, make in makers.items():
        keras.utils.set_random_seed(seed)
        predictor = keras.models.clone_model(first)
        predictor.set_weights(first.get_weights())
        start = time.process_time()
        model = make(predictor)
        model.fit(*training, epochs=epochs, batch_size=32, verbose=0)
        seconds = time.process_time() - start
        yield name, model.predict(frames, verbose=0).clip(0.0, 2.0), seconds


def draw(results, held_out, path, num=14):
    """Draws the first sequences that are held out."""
    frames, following, other = held_out
    pictures = {
        "first frame": frames[..., :1],
        "second frame": frames[..., 1:],
        **results,
        "a right answer": following,
        "the other one": other,
    }
    rows.draw_rows(
        {name: frames[:num] - 1.0 for name, frames in pictures.items()}, path
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("--output", default="next_frame", type=pathlib.Path)
    parser.add_argument("--epochs", default=2, type=int)
    parser.add_argument("--seeds", default=1, type=int)
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    (images, _), (test_images, _) = datasets.fashion_mnist()
    num, epochs = (64, 1) if arguments.smoke else (8192, arguments.epochs)
    arguments.output.mkdir(parents=True, exist_ok=True)
    held_out = make_sequences(test_images, 500, seed=1000)
    average = (held_out[1] + held_out[2]) / 2.0
    print("seed, loss: relative energy, nearest error, error, CPU seconds")
    values = ", ".join(f"{v:.3f}" for v in measure(average, *held_out[1:]))
    print(f"the average of the right answers itself: {values}")
    for seed in range(arguments.seeds):
        results = {}
        training = make_sequences(images, num, seed)[:2]
        for name, frames, seconds in run(seed, training, held_out[0], epochs):
            measured = measure(frames, *held_out[1:])
            values = ", ".join(f"{v:.3f}" for v in measured)
            print(f"{seed}, {name}: {values}, {seconds:.0f}", flush=True)
            results[name] = frames
        draw(results, held_out, arguments.output / f"next_frame_{seed}.png")


if __name__ == "__main__":
    main()
