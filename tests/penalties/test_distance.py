"""Named distances: the explicit losses of Keras, to the sixth digit.

The set-ups are those of `tests/models/test_same_as_keras.py`, the explicit
loss of each as a `Distance`: what Keras logs as `loss` is the game's `g_loss`.
"""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import CycleGAN
from keras_ganloss import SupervisedGAN
from keras_ganloss import distances
from keras_ganloss.balances import GradientRatio
from keras_ganloss.penalties import Distance
from keras_ganloss.penalties import Every
from tests.models import test_same_as_keras as same

# Of each, what `loss` is in Keras: distances by output.
ONE = [
    "loss_name",
    "loss_object",
    "loss_reduced_by_sum",
    "loss_reduced_by_weights",
    "loss_lambda",
    "loss_weight_number",
    "subclassed",
    "accuracy_sparse_column",
    "accuracy_of_maps",
    "crossentropy_by_shape",
    "a_column_for_a_row",
    "weights_of_steps",
    "class_weight",
    "mask_of_values",
    "mask_and_labels",
    "add_loss",
    "mixed_float16",
    "integer_targets",
]
SEVERAL = {
    "list_by_layer_name": [("mae", 0.2, "o2"), ("mse", 3.0, "o1")],
    "list_output_without_a_loss": [("mae", 1.0, "o1")],
    "list_weights_of_samples": [("mae", 1.0, -2), ("mse", 1.0, -1)],
    "list_one_weight_for_all": [("mae", 1.0, 0), ("mse", 1.0, 1)],
    "dict_targets_for_a_list": [("mae", 1.0, "o1"), ("mse", 1.0, 1)],
    "dict_named_as_layers": [("mse", 1.0, "a"), ("mae", 1.0, "b")],
    "dict_of_a_subclass": [("mse", 0.4, "a"), ("mae", 2.0, "b")],
}


def played(name):
    """Returns a plain model, a game of `Distance`s alone, and its data."""
    model, x, y, game, weights = same.compiled(name)
    twin = same.compiled(name)[0]
    terms = SEVERAL.get(name)
    if terms is None:
        settings = same.CASES[name]()[-1]
        terms = [(settings["loss"], settings.get("loss_weights", 1.0), None)]
    judge = same.Judge()
    judge(model(keras.tree.map_structure(ops.convert_to_tensor, x)))
    gan = game(twin, judge, conditional=False)
    gan.compile(
        keras.optimizers.SGD(0.1),
        keras.optimizers.SGD(0.1),
        g_penalties=[
            Distance(loss, weight, f"distance_{index}", output)
            for index, (loss, weight, output) in enumerate(terms)
        ],
        loss_weights={"adversarial": 0.0},
        run_eagerly=name not in same.COMPILED,
    )
    return model, gan, x, y, weights


@pytest.mark.parametrize("name", [*ONE, *SEVERAL])
def test_is_what_keras_minimizes(name):
    model, gan, x, y, weights = played(name)
    measured = {k: v for k, v in weights.items() if k != "class_weight"}
    settings = {"batch_size": 4, "return_dict": True, "verbose": 0}
    theirs = model.evaluate(x, y, **measured, **settings)
    ours = gan.evaluate(x, y, **measured, **settings)
    assert ours["g_loss"] == pytest.approx(theirs["loss"], rel=1e-6)
    settings = {"batch_size": same.NUM, "verbose": 0, "shuffle": False}
    theirs = model.fit(x, y, **weights, **settings).history
    ours = gan.fit(x, y, **weights, **settings).history
    assert ours["g_loss"] == pytest.approx(theirs["loss"], rel=1e-6)
    for one, other in zip(model.weights, gan.generator.weights, strict=True):
        np.testing.assert_allclose(
            *map(ops.convert_to_numpy, (other, one)), rtol=1e-6, atol=1e-6
        )
    if name not in ("subclassed", "add_loss"):  # Whose layers add.
        found = sum(v[0] for k, v in ours.items() if k.startswith("distance"))
        assert found == pytest.approx(theirs["loss"][0], rel=1e-6)


def dense(seed=0, units=2):
    kernel = keras.initializers.GlorotUniform(seed)
    return keras.Sequential(
        [keras.Input((3,)), layers.Dense(units, kernel_initializer=kernel)]
    )


def critic(*shapes):
    inputs = [keras.Input(shape) for shape in shapes]
    joint = layers.Concatenate()(inputs) if len(inputs) > 1 else inputs[0]
    kernel = keras.initializers.GlorotUniform(9)
    outputs = layers.Dense(1, kernel_initializer=kernel)(joint)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs)


X, Y = same.FLAT, same.Y


def test_several_of_one_output_beside_a_loss_and_a_judgment(tmp_path):
    """By hand, weights and names in; saved and loaded; two steps on."""
    gan = SupervisedGAN(dense(), critic((2,), (3,)), seed=0)
    weight = keras.optimizers.schedules.PiecewiseConstantDecay([0], [2.0, 0.5])
    gan.compile(
        loss="mse",
        g_penalties=[
            Distance("mae", weight, name="pixel"),
            Distance(keras.losses.Huber(), 3.0, name="huber"),
            Every(Distance("mse", 0.1, name="lazy"), 2),
        ],
        metrics=["mae"],
        ema=0.5,
    )
    error = gan.predict(X, verbose=0) - Y
    logs = gan.evaluate(X, Y, verbose=0, return_dict=True)
    huber = np.where(abs(error) < 1.0, 0.5 * error**2, abs(error) - 0.5)
    assert logs["pixel"] == pytest.approx(2.0 * abs(error).mean(), rel=1e-5)
    assert logs["huber"] == pytest.approx(3.0 * huber.mean(), rel=1e-5)
    assert logs["lazy"] == pytest.approx(0.1 * (error**2).mean(), rel=1e-5)
    assert logs["loss"] == pytest.approx((error**2).mean(), rel=1e-5)
    assert logs["mae"] == pytest.approx(abs(error).mean(), rel=1e-5)
    history = gan.fit(
        X, Y, batch_size=3, validation_data=(X, Y), verbose=0
    ).history
    assert {"pixel", "val_pixel", "huber", "lazy", "val_lazy"} <= set(history)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert repr(again.g_penalties) == repr(gan.g_penalties)
    ends = [
        one.fit(X, Y, batch_size=3, shuffle=False, verbose=0).history
        for one in (gan, again)
    ]
    assert ends[0] == ends[1]
    # From update 1 on the weight is another one.
    found = again.evaluate(X, Y, verbose=0, return_dict=True)
    assert found["pixel"] == pytest.approx(0.5 * found["mae"], rel=1e-5)


def test_frozen_layers_stay():
    generator = keras.Sequential([keras.Input((3,)), dense(1, 3), dense(2, 2)])
    generator.layers[0].trainable = False
    gan = SupervisedGAN(generator, critic((2,)), conditional=False)
    gan.compile(g_penalties=[Distance("mae")])
    before = gan.generator.get_weights()
    gan.fit(X, Y, verbose=0)
    after = gan.generator.get_weights()
    moved = [np.any(a != b) for a, b in zip(before, after)]
    assert moved == [False, False, True, True]


def test_what_a_balance_balances_against():
    """A distance will do in place of `loss`."""
    gan = SupervisedGAN(dense(), critic((2,)), conditional=False)
    settings = {"loss_weights": {"adversarial": GradientRatio()}}
    gan.compile(g_penalties=[Distance("mae")], **settings)
    assert gan.fit(X, Y, verbose=0).history["adversarial_weight"][0] > 0.0
    with pytest.raises(ValueError, match="needs another term"):
        gan.compile(**settings)


def test_distances_of_this_package_log_what_they_say():
    gan = SupervisedGAN(dense(units=32), critic((32,)), conditional=False)
    gan.compile(g_penalties=[Distance(distances.SISDR(), name="sisdr")])
    y = np.random.default_rng(0).normal(size=(6, 32)).astype("float32")
    expected = float(distances.SISDR()(y, gan.predict(X, verbose=0)))
    found = gan.evaluate(X, y, verbose=0, return_dict=True)["sisdr"]
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "distance", ["far", ["mae"], {"a": "mae"}, None, 3.0, keras.layers.Dense]
)
def test_what_is_no_loss(distance):
    with pytest.raises(ValueError, match="must be a Keras loss.*Received: "):
        Distance(distance)


@pytest.mark.parametrize("output", [None, "c", 2, ["a"], True, len])
@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: Every(one, 2)])
def test_which_output_is_said_in_compile(output, wrap):
    gan = SupervisedGAN(same.two_named(), same.Judge(), conditional=False)
    gan.discriminator([Y, same.Z])
    with pytest.raises(ValueError, match=r"output.*Received: output="):
        gan.compile(g_penalties=[wrap(Distance("mae", output=output))])


def test_which_output_of_a_subclassed_model():
    generator = same.TwoOutputs()
    generator(X)
    gan = SupervisedGAN(generator, same.Judge(), conditional=False)
    gan.discriminator([Y, same.Z])
    gan.compile(g_penalties=[Distance("mae")])
    with pytest.raises(ValueError, match="of one output.*2 outputs"):
        gan.fit(X, {"a": Y, "b": same.Z}, verbose=0)


def test_games_without_right_answers():
    gan = GAN(dense(), critic((2,)))
    with pytest.raises(ValueError, match="`GAN` does not have"):
        gan.compile(g_penalties=[Distance("mae")])
    maps = [dense(units=3) for _ in range(2)]
    gan = CycleGAN(*maps, critic((3,)), critic((3,)))
    with pytest.raises(ValueError, match="`CycleGAN` does not have"):
        gan.compile(g_penalties=[Every(Distance("mae"), 2)])


def test_is_no_penalty_of_the_discriminator():
    gan = SupervisedGAN(dense(), critic((2,)), conditional=False)
    with pytest.raises(ValueError, match="for the generator.*Received"):
        gan.compile(penalties=[Distance("mae")])
    with pytest.raises(ValueError, match="two|called"):
        gan.compile(g_penalties=[Distance("mae"), Distance("mse")])
