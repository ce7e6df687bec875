"""Real samples with wrong conditions, against numbers by hand."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import CycleGAN
from keras_ganloss import SupervisedGAN
from keras_ganloss import losses
from keras_ganloss import transforms
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import Every
from keras_ganloss.penalties import WrongCondition
from keras_ganloss.penalties.wrong_condition import next_conditions
from tests.helpers.networks import mlp
from tests.helpers.networks import sgd

RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(2, 4, 2)).astype("float32")
ROLLED = X[[3, 0, 1, 2]]
KERNEL = np.array([[1.0], [-2.0], [0.5], [3.0]], "float32")


def answers():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    model.set_weights([np.eye(2), np.zeros(2)])
    return model


def linear_judge(dtype=None):
    """`D(y, x) = w . [y, x]`."""
    answer, x = keras.Input((2,)), keras.Input((2,))
    both = layers.Concatenate(dtype=dtype)([answer, x])
    dense = layers.Dense(1, use_bias=False, name="judge", dtype=dtype)
    network = keras.Model([answer, x], dense(both))
    network.set_weights([KERNEL])
    return network


def judged(answer, condition):
    return np.concatenate([answer, condition], axis=1) @ KERNEL


def game(*penalties, d_loss="minimax", discriminator=None, **settings):
    gan = SupervisedGAN(answers(), discriminator or linear_judge(), seed=0)
    gan.compile(sgd(0.1), sgd(0.0), d_loss=d_loss, penalties=penalties,
                **settings)  # fmt: skip
    return gan


def term(gan, *data, **kwargs):
    logs = gan.evaluate(*data, verbose=0, return_dict=True, **kwargs)
    return logs["wrong_condition"]


def softplus(x):
    return np.log1p(np.exp(x))


@pytest.mark.parametrize(
    "loss, expected",
    [
        (losses.Minimax(), lambda real, wrong: softplus(wrong)),
        (losses.ModifiedMinimax(), lambda real, wrong: softplus(wrong)),
        (losses.Hinge(), lambda real, wrong: np.maximum(1.0 + wrong, 0.0)),
        (losses.LeastSquares(), lambda real, wrong: 0.5 * wrong**2),
        (losses.Wasserstein(), lambda real, wrong: wrong),
        (losses.TopK(losses.Hinge()), lambda _, f: np.maximum(1.0 + f, 0.0)),
        (
            losses.LabelNoise(losses.Logistic(), 0.1),
            lambda real, wrong: softplus(wrong),
        ),
        (
            losses.Relativistic(losses.Logistic()),
            lambda real, wrong: softplus(wrong - real),
        ),
        (
            losses.RelativisticAverage(losses.Logistic()),
            lambda real, wrong: (
                softplus(wrong.mean() - real) + softplus(wrong - real.mean())
            ),
        ),
    ],
)
def test_by_hand(loss, expected):
    found = term(game(WrongCondition(3.0), d_loss=loss), X, Y)
    values = expected(judged(Y, X), judged(Y, ROLLED))
    assert found == pytest.approx(3.0 * np.mean(values), rel=1e-5)


def test_golden_number():
    """`D(x, c) = x . c` is zero for wrong pairs, which each cost ln 2."""
    answer, x = keras.Input((2,)), keras.Input((2,))
    product = layers.Dot(-1)([answer, layers.Dense(2, use_bias=False)(x)])
    network = keras.Model([answer, x], product)
    network.set_weights([np.eye(2)])
    pairs = np.eye(2, dtype="float32")
    found = term(game(WrongCondition(), discriminator=network), pairs, pairs)
    assert found == pytest.approx(np.log(2.0), rel=1e-6)


def test_a_step_by_hand():
    gan = game(WrongCondition(2.0), d_loss="wasserstein")
    gan.fit(X, Y, batch_size=4, shuffle=False, verbose=0)
    real, fake, wrong = [
        np.concatenate(pair, axis=1).mean(axis=0)
        for pair in ((Y, X), (X, X), (Y, ROLLED))
    ]
    slope = fake - real + 2.0 * wrong
    (kernel,) = gan.discriminator.get_weights()
    np.testing.assert_allclose(
        kernel[:, 0], KERNEL[:, 0] - 0.1 * slope, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize(
    "condition, wrong",
    [
        ([0, 1, 1, 0], [0, 1, 0, 1]),
        ([[0], [1], [1], [0]], [0, 1, 0, 1]),
        ([[1.0, 0.0], [1.0, 0.5], [1.0, 0.5], [2.0, 0.0]], [1, 1, 0, 1]),
        ([5, 5, 5, 5], [0, 0, 0, 0]),
    ],
)
def test_neighbors_of_the_same_condition_are_right(condition, wrong):
    rolled, is_wrong = next_conditions(ops.convert_to_tensor(condition))
    np.testing.assert_array_equal(rolled, np.roll(condition, 1, axis=0))
    np.testing.assert_array_equal(is_wrong, np.array(wrong, bool))


def test_nests_of_conditions():
    parts = {
        "class": ops.convert_to_tensor([0, 0, 1]),
        "size": ops.convert_to_tensor([[1.0], [2.0], [2.0]]),
    }
    rolled, is_wrong = next_conditions(parts)
    np.testing.assert_array_equal(rolled["class"], [1, 0, 0])
    np.testing.assert_array_equal(is_wrong, [True, True, True])


def conditional_gan(*penalties, **settings):
    """Of labels, which an embedding tells the discriminator."""
    keras.utils.set_random_seed(0)
    networks = []
    for size, outputs in ((3, 2), (2, 1)):
        x, label = keras.Input((size,)), keras.Input((), dtype="int32")
        both = layers.Concatenate()([x, layers.Embedding(3, 4)(label)])
        hidden = layers.Dense(4, "tanh")(both)
        networks.append(keras.Model([x, label], layers.Dense(outputs)(hidden)))
    gan = GAN(*networks, seed=0)
    gan.compile(sgd(0.1), sgd(0.1), penalties=penalties, **settings)
    return gan


LABELS = np.array([0, 1, 1, 2])


def test_classes():
    gan = conditional_gan(WrongCondition(2.0), d_loss="hinge")
    wrong = gan.discriminator([Y, np.roll(LABELS, 1)])
    values = np.maximum(1.0 + ops.convert_to_numpy(wrong)[[0, 1, 3]], 0.0)
    found = term(gan, Y, LABELS)
    assert found == pytest.approx(2.0 * values.mean(), rel=1e-5)


def test_without_a_wrong_pair_it_is_zero():
    gan = conditional_gan(WrongCondition(2.0), d_loss="hinge")
    assert term(gan, Y, np.ones(4, "int32")) == 0.0
    logs = gan.fit(Y, np.ones(4, "int32"), verbose=0).history
    assert logs["wrong_condition"] == [0.0]
    assert np.isfinite(logs["d_loss"]).all()


def test_weights_of_samples():
    weight = np.array([0.0, 1.0, 3.0, 0.0], "float32")
    found = term(game(WrongCondition()), X, Y, sample_weight=weight)
    values = softplus(judged(Y, ROLLED))[:, 0]
    assert found == pytest.approx(np.average(values, weights=weight), rel=1e-5)


def test_heads_count_as_in_the_loss():
    answer, x = keras.Input((2,)), keras.Input((2,))
    both = layers.Concatenate()([answer, x])
    network = keras.Model(
        [answer, x],
        {
            "one": layers.Dense(1, use_bias=False, name="one")(both),
            "two": layers.Dense(1, use_bias=False, name="two")(both),
        },
    )
    network.get_layer("one").set_weights([KERNEL])
    network.get_layer("two").set_weights([2.0 * KERNEL])
    loss = losses.Heads(losses.Wasserstein(), {"one": 1.0, "two": 0.25})
    gan = game(WrongCondition(), d_loss=loss, discriminator=network)
    expected = (1.0 + 0.25 * 2.0) * judged(Y, ROLLED).mean()
    assert term(gan, X, Y) == pytest.approx(expected, rel=1e-5)


def test_with_others_and_saved(tmp_path):
    def make():
        return conditional_gan(
            R1(0.1),
            Every(WrongCondition(0.5), 2),
            transforms=[transforms.InstanceNoise(0.1)],
            ema=0.9,
        )

    gan = make()
    gan.fit(Y, LABELS, batch_size=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert repr(again.penalties) == repr(gan.penalties)
    ends = [
        one.fit(Y, LABELS, batch_size=2, verbose=0, shuffle=False).history
        for one in (gan, again)
    ]
    assert ends[0] == ends[1]


def test_half_precision():
    network = linear_judge("mixed_bfloat16")
    found = term(game(WrongCondition(), discriminator=network), X, Y)
    values = softplus(judged(Y, ROLLED))
    assert found == pytest.approx(values.mean(), rel=2e-2)


def test_games_without_conditions_are_refused():
    gan = GAN(mlp(3, 2), mlp(2, 1))
    with pytest.raises(ValueError, match="sees a condition.*samples alone"):
        gan.compile(penalties=[WrongCondition()])
    gan = GAN(mlp(3, 2), mlp(2, 1))
    with pytest.raises(ValueError, match="sees a condition"):
        gan.compile(penalties=[Every(WrongCondition(), 4)])
    gan = SupervisedGAN(answers(), mlp(2, 1), conditional=False)
    with pytest.raises(ValueError, match="sees a condition"):
        gan.compile(penalties=[WrongCondition()])
    gan = CycleGAN(mlp(2, 2), mlp(2, 2), mlp(2, 1), mlp(2, 1))
    with pytest.raises(ValueError, match="sees a condition"):
        gan.compile(penalties=[WrongCondition()])


def test_two_parts_of_a_sample_are_no_condition():
    """Which is known in the first step alone."""
    inputs = keras.Input((2,))
    parts = [layers.Dense(2)(inputs), layers.Dense(2)(inputs)]
    gan = SupervisedGAN(
        keras.Model(inputs, parts), linear_judge(), conditional=False
    )
    gan.compile(penalties=[WrongCondition()])
    with pytest.raises(ValueError, match="sees a condition"):
        gan.fit(X, [Y, Y], verbose=0)


def test_negative_weights_are_refused():
    with pytest.raises(ValueError, match="weight"):
        WrongCondition(-1.0)
