"""What the backends must agree on; `test_parity.py` compares.

Usage: KERAS_BACKEND=... python -m tests.helpers.parity_cases RESULTS.npz
"""

import sys

import keras
import numpy as np
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import backend
from keras_ganloss import layers as our_layers
from keras_ganloss import losses
from keras_ganloss import penalties
from tests.helpers.same_noise import same_noise

BATCH_SIZE = 4
WEIGHT = 0.5  # Of every penalty; the limit of those that clip.


def dim(samples):
    return 0.5 * samples


# Of penalties whose first argument is no weight, or that begin later.
ARGUMENTS = {
    "balanced_consistency": (dim,),
    "consistency_regularization": (dim,),
    "every": (penalties.R1(WEIGHT), 1),
    "le_cam": (WEIGHT, 0.9, 0),
}
# Penalties of the generator; and what needs names of layers, or targets.
OF_GENERATOR = ("latent_diversity", "path_length")
LEFT_OUT = ("distance", "feature_matching")


def dense(num_outputs=1):
    """Vectors, with dropout that `training=False` turns off."""
    generator = [layers.Dense(8, "tanh"), layers.Dense(6)]
    discriminator = [
        layers.Dense(16),
        layers.LeakyReLU(0.2),
        layers.Dropout(0.5),
        layers.Dense(8, "gelu"),
        layers.Dense(num_outputs),
    ]
    return sequential((3,), generator), sequential((6,), discriminator)


def margins():
    """Vectors, and a discriminator of two outputs a sample."""
    return dense(num_outputs=2)


def convolution():
    """Images, by transposed convolutions and by strided ones."""
    generator = [
        layers.Dense(2 * 2 * 4, "relu"),
        layers.Reshape((2, 2, 4)),
        layers.Conv2DTranspose(4, 4, strides=2, padding="same"),
        layers.LeakyReLU(0.2),
        layers.Conv2DTranspose(1, 3, strides=2, padding="same"),
        layers.Activation("tanh"),
    ]
    discriminator = [
        layers.Conv2D(4, 3, strides=2, padding="same"),
        layers.LeakyReLU(0.2),
        layers.Conv2D(8, 4, strides=2, padding="same", activation="softplus"),
        layers.Flatten(),
        layers.Dense(1),
    ]
    return sequential((3,), generator), sequential((8, 8, 1), discriminator)


def conditional():
    """A pair that is told what to make."""
    latent, condition = keras.Input((3,)), keras.Input((2,))
    x = layers.Dense(8, "tanh")(layers.Concatenate()([latent, condition]))
    generator = keras.Model([latent, condition], layers.Dense(6)(x))
    sample, condition = keras.Input((6,)), keras.Input((2,))
    x = layers.Dense(8, "silu")(layers.Concatenate()([sample, condition]))
    discriminator = keras.Model([sample, condition], layers.Dense(1)(x))
    return generator, discriminator


NETWORKS = {
    function.__name__: function
    for function in (dense, margins, convolution, conditional)
}

# What stands before an activation: normalizations, and convolutions that are
# normalized themselves.
LAYERS = {
    "batch_normalization": our_layers.BatchNormalization,
    "equalized_learning_rate": lambda: our_layers.EqualizedLearningRate(
        layers.Conv2D(4, 3)
    ),
    "group_normalization": lambda: our_layers.GroupNormalization(2),
    "instance_normalization": our_layers.InstanceNormalization,
    "layer_normalization": our_layers.LayerNormalization,
    "minibatch_standard_deviation": our_layers.MinibatchStandardDeviation,
    "pixel_normalization": our_layers.PixelNormalization,
    "spectral_normalization": lambda: our_layers.SpectralNormalization(
        layers.Conv2D(4, 3)
    ),
}


def normalized(layer):
    """Images, with one of our layers in both networks."""
    generator = [
        layers.Dense(4 * 4 * 4, use_bias=False),
        layers.Reshape((4, 4, 4)),
        LAYERS[layer](),
        layers.Activation("softplus"),
        layers.Flatten(),
        layers.Dense(8 * 8),
        layers.Reshape((8, 8, 1)),
    ]
    discriminator = [
        layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False),
        LAYERS[layer](),
        layers.Activation("softplus"),
        layers.Flatten(),
        layers.Dense(1),
    ]
    return sequential((3,), generator), sequential((8, 8, 1), discriminator)


def sequential(shape, stack):
    return keras.Sequential([keras.Input(shape), *stack])


def make_gan(networks, **kwargs):
    """Returns a game whose weights are the same on every backend."""
    pair = normalized(networks) if networks in LAYERS else NETWORKS[networks]()
    gan = GAN(*pair, seed=0)
    rng = np.random.default_rng(1)
    for variable in (*gan.generator.weights, *gan.discriminator.weights):
        if variable.path.endswith(("gamma", "variance")):
            variable.assign(rng.uniform(0.5, 1.5, size=variable.shape))
        else:
            variable.assign(rng.normal(size=variable.shape) * 0.4)
    gan.compile(
        *(keras.optimizers.SGD(0.05, momentum=0.5) for _ in range(2)), **kwargs
    )
    return gan


def make_data(gan):
    """Returns samples, with conditions for a conditional pair."""
    rng = np.random.default_rng(2)
    shape = (BATCH_SIZE, *gan.sample_shapes[0][1:])
    batch = [rng.uniform(-1.0, 1.0, size=shape).astype("float32")]
    if gan.conditional:
        batch.append(rng.normal(size=(BATCH_SIZE, 2)).astype("float32"))
    return tuple(batch)


def at_a_point(networks, **kwargs):
    """Returns both players' losses, terms and gradients, by name."""
    gan = make_gan(networks, **kwargs)
    data = tuple(ops.convert_to_tensor(part) for part in make_data(gan))
    training = networks not in ("dense", "margins")

    def objectives():
        turn = gan.turn("discriminator", "generator", training=training)
        turn.draw(data)
        return gan.objectives(turn)

    players = (gan.d_player, gan.g_player)
    _, logs, gradients = backend.compute_gradients(
        objectives,
        [player.variables for player in players],
        [lambda loss: loss] * len(players),
    )
    results = dict(logs)
    for player, group in zip(players, gradients):
        for index, gradient in enumerate(group):
            results[f"{player.name}_gradient_{index}"] = gradient
        for action in player.after_update:
            action(player.variables)
    for index, weight in enumerate(gan.discriminator.weights):
        results[f"discriminator_weight_after_{index}"] = weight
    return results


def after_steps(networks, **kwargs):
    """Returns logs and every variable after steps of `fit`, compiled."""
    gan = make_gan(networks, ema=0.5, **kwargs)
    data = [np.concatenate([part] * 4) for part in make_data(gan)]
    history = gan.fit(
        *data, batch_size=BATCH_SIZE, shuffle=False, verbose=0
    ).history
    variables = gan.weights + gan.optimizer.variables
    return {
        **{name: values[-1] for name, values in history.items()},
        **{f"variable_{index}": v for index, v in enumerate(variables)},
    }


def cases():
    """Yields names, functions and arguments."""
    # One loss needs a discriminator with two margins.
    for name in sorted(set(losses.CLASSES) - {"multi_class_hinge"}):
        networks = "margins" if name == "multi_class_hinge" else "dense"
        yield f"losses/{name}", at_a_point, networks, {"d_loss": name}
    for networks in ("dense", "convolution", "conditional"):
        for name in sorted(set(penalties.CLASSES) - set(LEFT_OUT)):
            if name == "wrong_condition" and networks != "conditional":
                continue
            penalty = penalties.CLASSES[name](*ARGUMENTS.get(name, (WEIGHT,)))
            argument = "g_penalties" if name in OF_GENERATOR else "penalties"
            yield (
                f"{networks}/{name}",
                at_a_point,
                networks,
                {argument: [penalty]},
            )
    on_gradients = [penalties.R1(WEIGHT), penalties.GradientPenalty(1.0)]
    for name in LAYERS:
        yield f"layers/{name}", at_a_point, name, {"penalties": on_gradients}
    for updates in ("alternating", "simultaneous"):
        arguments = {"penalties": on_gradients, "updates": updates}
        yield (
            f"fit/{updates}",
            after_steps,
            "conditional",
            {
                **arguments,
                "d_steps": 2,
            },
        )
    yield "fit/convolution", after_steps, "convolution", {}


def compute():
    """Returns a dict of `case/quantity` to a float32 array."""
    results = {}
    with same_noise():
        for name, function, networks, kwargs in cases():
            for quantity, value in function(networks, **kwargs).items():
                array = np.asarray(ops.convert_to_numpy(value), "float32")
                results[f"{name}/{quantity}"] = array
    return results


if __name__ == "__main__":
    np.savez(sys.argv[1], **compute())
