"""One of two processes on torch; `test_torch_processes.py` starts them.

Usage: torchrun --nproc_per_node=2 torch_worker.py DIRECTORY
"""

import json
import pathlib
import sys

import games
import keras
import numpy as np
import torch
from keras import layers

from keras_ganloss import GAN
from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.metrics import GradientNorms
from keras_ganloss.metrics import KernelDistance
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2

# Each global batch of eight is five samples here and three there.
SIZES = (5, 3)

CASES = {
    "alternating": {"d_steps": 2},
    "simultaneous": {"updates": "simultaneous", "d_loss": "hinge"},
    "sum": {
        "d_loss": keras.losses.BinaryCrossentropy(
            from_logits=True, reduction="sum"
        )
    },
}


def norms():
    return [GradientNorms()]


def game(case, metrics=norms, **kwargs):
    return games.game(
        optimizer=games.adam,
        penalties=[R1(1.0), R2(0.5)],
        ema=0.9,
        metrics=metrics,
        **CASES[case],
        **kwargs,
    )


def measured_game():
    """A game with a metric that adds up what all processes evaluate."""
    return game("alternating", metrics=lambda: [FrechetDistance("samples")])


def results(gan, history):
    return {
        **{f"history_{name}": row for name, row in history.items()},
        **{f"value_{i}": v for i, v in enumerate(games.values(gan))},
    }


def part(values, rank):
    """What one process gets of each global batch."""
    start, stop = (0, SIZES[0]) if rank == 0 else (SIZES[0], sum(SIZES))
    batches = values.reshape(-1, sum(SIZES), values.shape[-1])
    return batches[:, start:stop].reshape(-1, values.shape[-1])


@keras.saving.register_keras_serializable(package="tests")
class Keep(keras.metrics.Metric):
    """Keeps the samples of the first step."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = self.add_variable((), "zeros", name="mean")
        self.fake = None

    def update_state(self, real, fake):
        if self.fake is None:
            self.fake = keras.ops.convert_to_numpy(fake)

    def result(self):
        return self.mean


def noisy(seed):
    """A game with noise, moving statistics and first weights by `seed`."""
    generator = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(2, kernel_initializer=games.seeded(seed)),
            layers.BatchNormalization(momentum=0.5),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(1, kernel_initializer=games.seeded(seed + 1)),
        ]
    )
    gan = GAN(generator, discriminator, seed=seed)
    gan.compile(games.sgd(), games.sgd(), metrics=[Keep()])
    return gan


def message(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except ValueError as error:
        return str(error)
    return "no error"


def main(directory):
    torch.distributed.init_process_group("gloo")
    rank = torch.distributed.get_rank()
    samples, conditions = (part(v, rank) for v in games.data(80))
    for case in CASES:
        gan = game(case)
        history = gan.fit(
            samples,
            conditions,
            batch_size=SIZES[rank],
            shuffle=False,
            verbose=0,
        ).history
        np.savez(directory / f"{case}_{rank}.npz", **results(gan, history))

    gan = noisy(seed=rank)
    history = gan.fit(
        samples, batch_size=SIZES[rank], shuffle=False, verbose=0
    ).history
    if rank == 0:
        gan.save(directory / "noisy.keras")
    fields = results(gan, history)
    fields["seed"] = keras.ops.convert_to_numpy(gan.seed_generator.state)
    fields["fake"] = gan.user_metrics[0].fake
    fields["error"] = message(
        gan.fit, samples[: 10 + 5 * rank], batch_size=5, verbose=0
    )
    fields["kept"] = message(gan.compile, metrics=[KernelDistance("samples")])
    np.savez(directory / f"noisy_{rank}.npz", **fields)

    gan = measured_game()  # Without `fit`, and with a joint evaluation.
    batch = slice(0, SIZES[rank])
    logs = [
        gan.train_on_batch(samples[batch], conditions[batch], return_dict=True),
        gan.evaluate(
            samples, conditions, SIZES[rank], verbose=0, return_dict=True
        ),
    ]
    (directory / f"logs_{rank}.json").write_text(json.dumps(logs))
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
