"""Trains on JAX and writes what came out; `test_data_parallel.py` starts it.

Usage: jax_worker.py one|two FILE
       jax_worker.py process FILE INDEX PORT
"""

import sys

import jax
import keras
import numpy as np
from games import seeded
from keras import layers

from keras_ganloss import GAN
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import GradientPenalty

KIND, FILE, *PROCESS = sys.argv[1:]
NUM, BATCH_SIZE = 80, 8


def distribute():
    if KIND == "process":
        index, port = PROCESS
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        keras.distribution.initialize(f"127.0.0.1:{port}", 2, int(index))
    if KIND != "one":
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(auto_shard_dataset=False)
        )


def game():
    generator = keras.Sequential(
        [
            keras.Input((3,)),
            # A bias here would have a gradient of nothing but rounding
            # errors, which Adam makes large.
            layers.Dense(4, use_bias=False, kernel_initializer=seeded(1)),
            layers.BatchNormalization(momentum=0.5),
            layers.Dense(2, "tanh", kernel_initializer=seeded(2)),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(4, "tanh", kernel_initializer=seeded(3)),
            layers.Dropout(0.3, seed=5),
            layers.Dense(1, kernel_initializer=seeded(4)),
        ]
    )
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(
        keras.optimizers.Adam(1e-3),
        keras.optimizers.Adam(1e-3),
        penalties=[R1(1.0), GradientPenalty(1.0)],
        ema=0.9,
    )
    return gan


def part(values):
    """This process's share of each global batch."""
    if KIND != "process":
        return values, BATCH_SIZE
    half = BATCH_SIZE // 2
    start = half * int(PROCESS[0])
    batches = values.reshape(-1, BATCH_SIZE, values.shape[-1])
    return batches[:, start : start + half].reshape(-1, values.shape[-1]), half


def message(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except ValueError as error:
        return str(error)
    return "no error"


def main():
    distribute()
    gan = game()
    values = np.random.default_rng(0).normal(size=(NUM, 2)).astype("float32")
    values, batch_size = part(values)
    history = gan.fit(
        values, batch_size=batch_size, shuffle=False, verbose=0
    ).history
    results = {f"history_{name}": row for name, row in history.items()}
    results["devices"] = len(jax.devices())
    variables = [*gan.weights, *gan.optimizer.variables]
    for index, variable in enumerate(variables):
        results[f"weight_{index}"] = np.asarray(variable.value)
    if KIND == "two":
        results["error_of_last"] = message(gan.fit, values[:79], batch_size=8)
        results["error_of_batch"] = message(gan.fit, values, batch_size=5)
        results["error_of_generate"] = message(gan.generate, 3)
    np.savez(FILE, **results)


if __name__ == "__main__":
    main()
