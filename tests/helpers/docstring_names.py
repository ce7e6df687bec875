"""What examples of docstrings take for granted, at toy size."""

import importlib
import pkgutil

import keras
import numpy as np
from keras import layers

import keras_ganloss
from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN

SHAPE = (28, 28, 1)
LATENT = 64

# What an example asks for that a test has not, by the end of its name.
NOT_RUN = {
    "lpips_vgg16": "it reads weights from a file of torchvision's",
    "FrechetDistance": "it reads Inception's weights from a file",
    "ProjectedDiscriminator": "it downloads weights",
    "features": "it downloads weights",
    "Perceptual": "it downloads weights",
    "esrgan": "it downloads weights",
}
ONLY_ON_TENSORFLOW = (
    "export_generator",
    "export_network",
    "set_standing_statistics",
    "ResumableStream",
)


def why_not(name):
    """Returns why an example is not run here, or `None`."""
    short = name.rpartition(".")[2]
    if short in ONLY_ON_TENSORFLOW and keras.backend.backend() != "tensorflow":
        return "SavedModels are TensorFlow's"
    return NOT_RUN.get(short)


def exported():
    """Returns all that the public packages export."""
    found = {"keras_ganloss": keras_ganloss, "ops": keras.ops}
    for one in pkgutil.iter_modules(keras_ganloss.__path__):
        module = importlib.import_module(f"keras_ganloss.{one.name}")
        found[one.name] = module
        if one.name not in ("tfgan", "utils", "backend", "game"):
            found.update(vars(module))
    return {k: value for k, value in found.items() if not k.startswith("_")}


def dense(inputs, units):
    joint = [layers.Flatten()(one) for one in inputs]
    joint = layers.Concatenate()(joint) if len(joint) > 1 else joint[0]
    return layers.Dense(units)(joint)


def generator(*conditions):
    inputs = [keras.Input((LATENT,)), *map(keras.Input, conditions)]
    hidden = layers.BatchNormalization()(dense(inputs, 28 * 28))
    image = layers.Reshape(SHAPE)(hidden)
    return keras.Model(inputs if conditions else inputs[0], image)


def discriminator(*conditions, **others):
    inputs = [keras.Input(SHAPE), *map(keras.Input, conditions)]
    hidden = inputs[0]
    for index in range(3):
        name = f"conv2d_{index}"
        hidden = layers.Conv2D(2, 3, 2, "same", name=name)(hidden)
    logits = dense([hidden, *inputs[1:]], 1)
    outputs = [logits, *(dense([hidden], size) for size in others.values())]
    return keras.Model(
        inputs if conditions else inputs[0], outputs if others else logits
    )


def encoder():
    image = keras.Input(SHAPE)
    return keras.Model(image, dense([image], LATENT))


def translator(*conditions):
    inputs = [keras.Input(SHAPE), *map(keras.Input, conditions)]
    image = layers.Conv2D(1, 3, padding="same")(inputs[0])
    return keras.Model(inputs if conditions else inputs[0], image)


def games(name):
    """Returns the networks of the class whose example it is."""
    image, code = keras.Input(SHAPE), keras.Input((LATENT,))
    return {
        "ACGAN": dict(
            generator=generator(()), discriminator=discriminator(a=10)
        ),
        "InfoGAN": dict(
            generator=generator((10,)), discriminator=discriminator(a=10)
        ),
        "RotationGAN": dict(discriminator=discriminator(a=4)),
        "StarGAN": dict(
            generator=translator((3,)), discriminator=discriminator(a=3)
        ),
        "BiGAN": dict(
            discriminator=keras.Model([image, code], dense([image, code], 1))
        ),
        "DomainAdversarial": dict(
            encoder=keras.Model(code, dense([code], 4)),
            classifier=keras.Sequential([keras.Input((4,)), layers.Dense(3)]),
            discriminator=keras.Sequential(
                [keras.Input((4,)), layers.Dense(1)]
            ),
            source_x=np.ones((8, LATENT)),
            target_x=np.zeros((8, LATENT)),
            source_y=np.arange(8) % 3,
            DomainAdversarialSchedule=(
                keras_ganloss.optimizers.DomainAdversarialSchedule
            ),
        ),
        "AlphaGAN": dict(
            code_discriminator=keras.Model(code, dense([code], 1))
        ),
    }.get(name, {})


def of_layers(name):
    """Returns the tensors that the example of a layer begins with."""
    image = keras.Input((8, 8, 4))
    found = {
        "ConditionalBatchNormalization": {"x": image},
        "Projection": {"x": image},
        "EqualizedLearningRate": {"x": image},
        "WeightNormalization": {"x": keras.Input((128, 1))},
        "VirtualBatchNormalization": {},
    }
    if name not in found:
        return {}
    return {"layers": keras_ganloss.layers, **found[name]}


def names(name, code):
    """Returns what the example of `name` may use, and in `code` does."""
    module, short = name.rsplit(".", 1)
    if short == "averaged_generator":
        module = "keras_ganloss.game.game"
    random = np.random.default_rng(0)
    images = random.uniform(-1.0, 1.0, size=(128, *SHAPE)).astype("float32")
    labels = np.arange(128) % 10
    made = GAN(generator(), discriminator(), seed=0)
    made.compile(d_loss="hinge", run_eagerly=True)
    conditional = GAN(generator(()), discriminator(()), seed=0)
    conditional.compile(d_loss="hinge", run_eagerly=True)
    supervised = short in (
        "SupervisedGAN",
        "AnswerGrid",
        "Distance",
        "GradientRatio",
        "GradientShares",
        "Projected",
        "pix2pix",
    )
    unet, judge = translator(), discriminator(SHAPE)
    unet.compile("adam", "mae", run_eagerly=True)
    points = random.normal(size=(1000, 2)).astype("float32")
    if short == "set_standing_statistics":
        made = conditional
    if short in ("Distance", "GradientRatio", "GradientShares", "Projected"):
        made = SupervisedGAN(unet, judge)
    if short in ("ScatterPlot", "SoundGrid"):
        made = GAN(
            keras.Sequential([keras.Input((2,)), layers.Dense(2)]),
            keras.Sequential([keras.Input((2,)), layers.Dense(1)]),
        )
        made.compile(d_loss="hinge")
    networks = {
        "generator": generator,
        "discriminator": lambda: judge if supervised else discriminator(),
        "encoder": encoder,
        "x_to_y": translator,
        "y_to_x": translator,
        "x_discriminator": discriminator,
        "y_discriminator": discriminator,
        "autoencoder": translator,
    }
    return {
        **exported(),
        "np": np,
        "ops": keras.ops,
        "keras": keras,
        "images": images,
        "train_images": images,
        "test_images": images[::-1],
        "labels": labels,
        "digits": labels,
        "points": points,
        "waves": points,
        "dataset": keras_ganloss.data.ResumableArrays(images, batch_size=64),
        "batches": [(images[:8], labels[:8])],
        "kernels": [one.kernel for one in made.discriminator.layers[1:2]],
        "label": keras.Input((), dtype="int32"),
        "horses": images,
        "zebras": images,
        "faces": images,
        "hair_colors": labels % 3,
        "x": images,
        "y": images,
        "x_test": images,
        "y_test": images,
        "gan": made,
        "conditional_gan": conditional,
        "unet": unet,
        "model": unet,
        **{key: make() for key, make in networks.items() if key in code},
        **games(short),
        **vars(importlib.import_module(module)),
        **of_layers(short),
    }
