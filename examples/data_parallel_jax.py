"""
Title: Two devices that train one GAN, on JAX
Description: `keras.distribution.DataParallel` cuts each batch; one line more.
Runs in: half a minute on two CPU cores; `--smoke` for a little less, as in CI.
"""

import argparse
import os

# JAX takes one CPU for several devices if it is asked to before it is imported.
# Graphics cards and TPUs it finds by itself: leave the second line out.
os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=2")

import keras
import numpy as np
from keras import layers

from keras_ganloss import GAN
from keras_ganloss.penalties import R1

BATCH_SIZE = 64

"""
## The game

A ring of eight heaps of points in the plane, and two small networks. Nothing
in it knows of devices.
"""


def load_ring(num):
    """Returns points `(num, 2)`."""
    rng = np.random.default_rng(0)
    angles = 2 * np.pi * rng.integers(8, size=num) / 8
    centers = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return (centers + 0.05 * rng.normal(size=(num, 2))).astype("float32")


def make_gan():
    keras.utils.set_random_seed(0)  # The networks' first weights.
    generator = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(64, "leaky_relu"),
            layers.Dense(64, "leaky_relu"),
            layers.Dense(2),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(64, "leaky_relu"),
            layers.Dense(64, "leaky_relu"),
            layers.Dense(1),
        ]
    )
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(
        keras.optimizers.Adam(1e-3, beta_1=0.0),
        keras.optimizers.Adam(1e-3, beta_1=0.0),
        penalties=[R1(0.1)],
        ema=0.99,
    )
    return gan


"""
## Training

The distribution must be set before the networks are made, as their variables
are placed when they are created. A batch of 64 is then cut into two of 32; the
means in the losses, the noise and the statistics of normalization layers are
those of the whole batch, as on one device. Every batch, the last one too, must
be divisible by the number of devices.
"""


def train(points, distribution=None):
    keras.distribution.set_distribution(distribution)
    gan = make_gan()
    gan.fit(points, batch_size=BATCH_SIZE, shuffle=False, verbose=2)
    return gan.get_weights()


"""
## On several hosts

Start the same script on each host, with two more lines at its beginning, and
feed every process its own part of each batch:

```python
keras.distribution.initialize("10.0.0.1:1234", num_processes, process_id)
distribution = keras.distribution.DataParallel(auto_shard_dataset=False)
```

(On CPUs, before them: `jax.config.update("jax_cpu_collectives_implementation",
"gloo")`.)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--smoke", action="store_true", help="ten steps")
    arguments = parser.parse_args()
    steps = 10 if arguments.smoke else arguments.steps

    points = load_ring(steps * BATCH_SIZE)
    devices = keras.distribution.list_devices()
    one = train(points)
    two = train(points, keras.distribution.DataParallel(devices=devices))
    difference = max(np.abs(a - b).max() for a, b in zip(one, two))
    print(
        f"After {steps} steps on {len(devices)} devices the largest "
        f"difference of a weight to one device is {difference:.1e}."
    )


if __name__ == "__main__":
    main()
