"""What a server calls the inputs of a game that is exported."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.export.generator import named_leaves
from keras_ganloss.models import building
from tests.export.test_generator_export import FORMATS
from tests.helpers import limits

WIDTHS = {"size": 2, "color": 3}
COLOR = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], "float32")
SIZE = np.array([[10, 20], [30, 40], [50, 60]], "float32")


def shown(condition):
    """A network of `[input, condition]` that weighs every condition apart.

    Args:
        condition: Structure of widths of conditions.
    """
    first = keras.Input((3,))
    inputs = keras.tree.map_structure(
        lambda size: keras.Input((size,)), condition
    )
    seen = [
        layers.Dense(1, use_bias=False)(tensor)
        for tensor in [first, *keras.tree.flatten(inputs)]
    ]
    return keras.Model([first, inputs], layers.Concatenate()(seen))


def game(condition):
    networks = [shown(condition), shown(condition)]
    head = layers.Dense(1)(networks[1].output)
    networks[1] = keras.Model(networks[1].input, head)
    generator = keras.Model(
        networks[0].input, layers.Dense(3)(networks[0].output)
    )
    return generator, networks[1]


CONDITIONS = {
    "a dict": (
        WIDTHS,
        {"color": COLOR, "size": SIZE},
        {"condition_color": COLOR, "condition_size": SIZE},
    ),
    "a dict of one": ({"size": 2}, {"size": SIZE}, {"condition_size": SIZE}),
    "a dict in a dict": (
        {"of": WIDTHS},
        {"of": {"color": COLOR, "size": SIZE}},
        {"condition_of_color": COLOR, "condition_of_size": SIZE},
    ),
    "a list": (
        [2, 3],
        [SIZE, COLOR],
        {"condition_0": SIZE, "condition_1": COLOR},
    ),
    "one": (2, SIZE, {"condition": SIZE}),
}
LATENT = np.array([[1, 0, 2], [0, 1, 0], [3, 0, 0]], "float32")


@limits.EXPORT.marker
@pytest.mark.filterwarnings("error:The structure of `inputs`")
@pytest.mark.parametrize("which", CONDITIONS)
def test_conditions_keep_their_keys(which, tmp_path):
    import tensorflow as tf

    widths, condition, named = CONDITIONS[which]
    gan = GAN(*game(widths), seed=0)
    gan.compile(ema=0.9)
    gan.export(tmp_path / "1", verbose=False)
    expected = gan.predict([LATENT, condition], verbose=0)
    signatures = tf.saved_model.load(str(tmp_path / "1")).signatures
    for name, first in (
        ("serving_default", "latent"),
        ("from_seeds", "seeds"),
        ("sample", "num"),
    ):
        taken = signatures[name].structured_input_signature[1]
        assert set(taken) == {first, *named}
    answers = signatures["serving_default"](
        latent=tf.constant(LATENT),
        **{name: tf.constant(value) for name, value in named.items()},
    )
    np.testing.assert_allclose(answers["samples"].numpy(), expected, rtol=1e-5)


@limits.EXPORT.marker
@pytest.mark.parametrize("format", ["onnx", "litert"])
def test_conditions_keep_their_keys_in_other_formats(format, tmp_path):
    suffix, packages, run = FORMATS[format]
    for package in packages:
        pytest.importorskip(package, reason=f"Keras writes {format} with it.")
    widths, condition, named = CONDITIONS["a dict"]
    gan = GAN(*game(widths), seed=0)
    path = tmp_path / f"generator{suffix}"
    gan.export(path, format=format, verbose=False)
    expected = gan.predict([LATENT, condition], verbose=0)
    answers = run(path, {"latent": LATENT, **named})
    np.testing.assert_allclose(answers["samples"], expected, rtol=1e-4)


@limits.EXPORT.marker
def test_a_supervised_game_keeps_keys_too(tmp_path):
    import tensorflow as tf

    generator, critic = game(WIDTHS)
    gan = SupervisedGAN(generator, critic, conditional=False, seed=0)
    gan.export(tmp_path / "1", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "1"))
    answers = served.signatures["serving_default"](
        source_0=tf.constant(LATENT),
        color=tf.constant(COLOR),
        size=tf.constant(SIZE),
    )
    np.testing.assert_allclose(
        answers["samples"].numpy(),
        gan.predict([LATENT, {"color": COLOR, "size": SIZE}], verbose=0),
        rtol=1e-5,
    )


def test_named_inputs_keep_their_names():
    first, second = keras.Input((1,), name="left"), keras.Input((1,))
    sums = layers.Add()([first, second])
    network = keras.Model([first, {"right": second}], sums)
    assert building.input_names(network) == ["left", "right"]
    assert building.input_names(keras.Model(first, first * 2.0)) == ["source"]


def test_keys_that_give_one_name_are_refused():
    with pytest.raises(ValueError, match="'condition_a_b', 'condition_a_b'"):
        named_leaves({"a b": 1, "a-b": 2}, "condition")
