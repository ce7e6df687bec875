"""EnCodec's balancer, against its formulas by hand."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.balances import GradientRatio
from keras_ganloss.balances import GradientShares
from keras_ganloss.penalties import Distance
from keras_ganloss.penalties import Every
from keras_ganloss.penalties import FeatureMatching
from keras_ganloss.penalties import OrthogonalRegularization

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(6, 3)).astype("float32")
Y = RANDOM.normal(size=(6, 2)).astype("float32")


def combined(balance, gradients, scale=1.0):
    """The gradient of the weighted sum, as an array."""
    gradients = {name: np.float32(g) for name, g in gradients.items()}
    found = balance.weigh(
        {
            name: [scale * ops.convert_to_tensor(g)]
            for name, g in gradients.items()
        },
        scale,
        0,
    )
    return sum(
        float(ops.convert_to_numpy(found[name])) * g
        for name, g in gradients.items()
    )


@pytest.mark.parametrize("scale", [1.0, 2.0**15])
def test_two_steps_by_hand(scale):
    balance = GradientShares({"b": 3, "a": 1}, decay=0.5)
    found = combined(balance, {"a": [[3, 4]], "b": [[2, 0]]}, scale)
    np.testing.assert_allclose(found, [[0.9, 0.2]], rtol=1e-6)
    found = combined(balance, {"a": [[6, 8]], "b": [[0, 4]]}, scale)
    np.testing.assert_allclose(found, [[0.18, 1.14]], rtol=1e-6)


def test_norms_are_those_of_samples():
    balance = GradientShares({"a": 0.1, "b": 0.1})
    found = combined(balance, {"a": [[1.5, 2], [0, 0]], "b": [[0.5, 0.5]] * 2})
    expected = [[0.95355, 1.15355], [0.35355, 0.35355]]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_gradient_of_zero_and_one_that_overflows():
    balance = GradientShares({"a": 1, "b": 1}, decay=0.5)
    found = combined(balance, {"a": [[0, 0]], "b": [[0, 2]]})
    np.testing.assert_allclose(found, [[0.0, 0.5]])
    before = balance.weights_at(1)
    gradients = {"a": [ops.full((1, 2), np.inf)], "b": [ops.full((1, 2), 1.0)]}
    now = balance.weigh(gradients, 1.0, 1)
    assert np.isnan(float(now["a"]))  # So that the step is skipped.
    after = balance.weights_at(1)
    assert float(after["a"]) == float(before["a"]) == 0.0
    assert float(after["b"]) == float(now["b"]) > 0.0


class Bias(layers.Layer):
    """Returns its two weights for every sample."""

    def build(self, shape):
        self.bias = self.add_weight(shape=(2,), name="bias")

    def call(self, x):
        return self.bias + 0.0 * x


def along(target, answer):
    """Of the gradient (3, 4) where targets say 1, else (6, 8)."""
    return ops.sum(3.0 * target * ops.array([1.0, 4 / 3]) * answer, axis=-1)


def across(target, answer):
    """Of the gradient (2, 0) where targets say 1, else (0, 4)."""
    slopes = ops.array([2.0, 0.0]), ops.array([0.0, 4.0])
    slope = ops.where(target == 1.0, *slopes)
    return ops.sum(slope * answer, axis=-1)


def game_of_bias(*g_penalties, loss_weights, slope=0.0, updates="alternating"):
    """Answers are two weights; the critic is `slope * sum(answer)`."""
    bias = Bias()
    generator = keras.Sequential([keras.Input((2,)), bias])
    critic = layers.Dense(1, use_bias=False)
    discriminator = keras.Sequential([keras.Input((2,)), critic])
    bias.set_weights([np.zeros(2)])
    critic.set_weights([np.full((2, 1), slope)])
    gan = SupervisedGAN(generator, discriminator, conditional=False)
    gan.compile(
        keras.optimizers.SGD(0.0),
        keras.optimizers.SGD(1.0),
        d_loss="wasserstein",
        g_penalties=g_penalties,
        loss_weights=loss_weights,
        updates=updates,
    )
    return gan


def bias_of(gan):
    return ops.convert_to_numpy(gan.generator.trainable_weights[0])


ONES = np.ones((1, 2), "float32")


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_the_golden_steps_in_a_game(updates):
    """Also with weights of the penalties, which mean nothing here."""
    gan = game_of_bias(
        Distance(along, 7.0, name="a"),
        Distance(across, 0.01, name="b"),
        loss_weights=GradientShares({"a": 1, "b": 3}, decay=0.5),
        updates=updates,
    )
    logs = gan.fit(ONES, ONES, verbose=0).history
    np.testing.assert_allclose(-bias_of(gan), [0.9, 0.2], rtol=1e-5)
    assert logs["a_weight"][0] == pytest.approx(0.25 / 5 / 7.0, rel=1e-5)
    assert logs["b_weight"][0] == pytest.approx(0.75 / 2 / 0.01, rel=1e-5)
    logs = gan.fit(ONES, 2 * ONES, verbose=0).history
    np.testing.assert_allclose(-bias_of(gan), [1.08, 1.34], rtol=1e-5)
    # The sum of the terms by their weights is what is logged.
    found = sum(logs[name][0] * logs[f"{name}_weight"][0] for name in "ab")
    assert logs["g_loss"][0] == pytest.approx(found, rel=1e-5)
    # As it is at the end, `evaluate` sees it, and changes nothing.
    ends = [
        gan.evaluate(ONES, 2 * ONES, verbose=0, return_dict=True)
        for _ in range(2)
    ]
    assert ends[0] == ends[1]
    assert ends[0]["a_weight"] == pytest.approx(logs["a_weight"][0])


def test_the_learned_loss_and_what_is_not_named():
    """The critic's slope, and an explicit term with its own weight."""
    gan = game_of_bias(
        Distance(along, 1.0, name="a"),
        Distance(across, 0.1, name="b"),
        loss_weights=GradientShares({"a": 1, "adversarial": 1}),
        slope=100.0,
    )
    gan.fit(ONES, ONES, verbose=0)
    expected = np.array([0.3, 0.4]) - np.sqrt(0.125) + [0.2, 0.0]
    np.testing.assert_allclose(-bias_of(gan), expected, rtol=1e-5)


def test_ratio_at_the_samples_by_hand():
    """Over the batch: (3, 4) of one answer, of the critic (-100, -100)."""
    gan = game_of_bias(
        Distance(along, name="a"),
        loss_weights={"adversarial": GradientRatio(0.25, at="samples")},
        slope=100.0,
    )
    logs = gan.fit(ONES, ONES, verbose=0).history
    weight = 0.25 * 5.0 / (100.0 * 2.0**0.5)
    assert logs["adversarial_weight"][0] == pytest.approx(weight, rel=1e-5)
    expected = np.array([3.0, 4.0]) - weight * 100.0
    np.testing.assert_allclose(-bias_of(gan), expected, rtol=1e-5)


def dense(units, seed, **settings):
    kernel = keras.initializers.GlorotUniform(seed)
    return layers.Dense(units, kernel_initializer=kernel, **settings)


def game(loss_weights, g_penalties=(), **settings):
    generator = keras.Sequential([keras.Input((3,)), dense(2, 0)])
    hidden = dense(4, 1, activation="tanh", name="hidden")
    discriminator = keras.Sequential([keras.Input((2,)), hidden, dense(1, 2)])
    gan = SupervisedGAN(generator, discriminator, conditional=False, seed=0)
    gan.compile(
        loss="mse",
        g_penalties=[
            Distance("mae", name="pixel"),
            FeatureMatching(["hidden"], distance="mae"),
            *g_penalties,
        ],
        loss_weights=loss_weights,
        **settings,
    )
    return gan


def shares():
    names = ("adversarial", "supervised", "pixel", "feature_matching")
    return GradientShares(dict.fromkeys(names, 1.0), decay=0.9)


@pytest.mark.parametrize("at_samples", [True, False])
def test_resumes_where_it_was(at_samples, tmp_path):
    ratio = {"adversarial": GradientRatio(ema=0.5, at="samples")}
    gan = game(shares() if at_samples else ratio, ema=0.5)
    settings = {"batch_size": 3, "shuffle": False, "verbose": 0}
    gan.fit(X, Y, **settings)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert repr(again.balance) == repr(gan.balance)
    found = [one.evaluate(X, Y, verbose=0) for one in (gan, again)]
    assert found[0] == found[1]
    found = [one.fit(X, Y, **settings).history for one in (gan, again)]
    assert found[0] == found[1]
    for one, other in zip(
        gan.generator.get_weights(), again.generator.get_weights()
    ):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(gan.balance.state, again.balance.state):
        np.testing.assert_array_equal(*map(ops.convert_to_numpy, (one, other)))


def test_scales_of_losses_mean_nothing():
    """One step with losses a thousand times as large is the same step."""
    ends = []
    for factor in (1.0, 1000.0):
        gan = game(
            GradientShares({"pixel": 1, "huge": 2}),
            [Distance("mse", factor, name="huge")],
            g_optimizer=keras.optimizers.SGD(0.1),
        )
        gan.fit(X, Y, batch_size=6, verbose=0)
        ends.append(gan.generator.get_weights())
    for one, other in zip(*ends):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_lazy_terms_and_eager_steps():
    lazy = Every(Distance("mse", name="lazy"), 2)
    ends = []
    for eager in (False, True):
        gan = game(
            GradientShares({"pixel": 1, "lazy": 1}), [lazy], run_eagerly=eager
        )
        logs = gan.fit(X, Y, batch_size=2, shuffle=False, verbose=0).history
        ends.append({name: values[0] for name, values in logs.items()})
    assert ends[1] == pytest.approx(ends[0], rel=1e-4)
    assert ends[0]["lazy_weight"] > 0.0


def test_half_precision():
    generator = keras.Sequential(
        [keras.Input((3,)), dense(2, 0, dtype="mixed_float16")]
    )
    judge = dense(1, 2, dtype="mixed_float16")
    gan = SupervisedGAN(
        generator,
        keras.Sequential([keras.Input((2,)), judge]),
        conditional=False,
    )
    gan.compile(
        g_penalties=[Distance("mae", 1e-6, name="pixel")],
        loss_weights=GradientShares({"adversarial": 1, "pixel": 1}),
    )
    logs = gan.fit(X, Y, batch_size=6, verbose=0).history
    # Of a sample: 1e-6 / 12, twice.
    expected = 0.5 / (1e-6 / 12 * 2.0**0.5)
    assert logs["pixel_weight"][0] == pytest.approx(expected, rel=1e-3)
    assert all(np.isfinite(weight).all() for weight in gan.get_weights())


class Counting(layers.Layer):
    """Counts what passes backwards."""

    backwards = 0

    def call(self, x):
        @ops.custom_gradient
        def identity(x):
            def grad(*args, upstream=None):
                Counting.backwards += 1
                return args[0] if upstream is None else upstream

            return x, grad

        return identity(x)


def test_the_generator_is_differentiated_once():
    generator = keras.Sequential([keras.Input((3,)), dense(2, 0), Counting()])
    discriminator = keras.Sequential([keras.Input((2,)), dense(1, 2)])
    gan = SupervisedGAN(generator, discriminator, conditional=False)
    gan.compile(
        loss="mse",
        g_penalties=[Distance("mae", name="pixel")],
        loss_weights=GradientShares(
            {"adversarial": 1, "pixel": 1, "supervised": 1}
        ),
        run_eagerly=True,
    )
    gan.gradients_are_checked = True
    Counting.backwards = 0
    gan.fit(X, Y, batch_size=6, verbose=0)
    assert Counting.backwards == 1


def test_a_term_that_is_left_out_by_default_is_weighed():
    gan = GAN(
        keras.Sequential([keras.Input((3,)), dense(2, 0)]),
        keras.Sequential([keras.Input((2,)), dense(4, 1), dense(1, 2)]),
    )
    names = {"adversarial": 4, "feature_matching": 1}
    gan.compile(
        g_penalties=[FeatureMatching([gan.discriminator.layers[0].name])],
        loss_weights=GradientShares(names),
    )
    logs = gan.fit(Y, batch_size=6, verbose=0).history
    assert logs["feature_matching_weight"][0] > 0.0


def test_what_is_refused():
    message = r"terms of the generator: \['adversarial', 'supervised'.*pixle"
    with pytest.raises(ValueError, match=f"(?s){message}"):
        game(GradientShares({"pixle": 1}))
    with pytest.raises(ValueError, match="in place of the dict"):
        game({"adversarial": shares()})
    with pytest.raises(ValueError, match="at='samples'"):
        GradientRatio(variables="last", at="samples")
    with pytest.raises(ValueError, match="Received: at="):
        GradientRatio(at="layers")
    for wrong in ({}, ["a"], None, {"a": 0.0}, {"a": "b"}):
        with pytest.raises(ValueError, match="Received: "):
            GradientShares(wrong)
    with pytest.raises(ValueError, match="Received: decay"):
        GradientShares({"a": 1}, decay=1.0)


def test_a_term_that_no_sample_moves_is_refused():
    name = "orthogonal_regularization"
    gan = game(
        GradientShares({name: 1, "pixel": 1}), [OrthogonalRegularization(0.1)]
    )
    with pytest.raises(ValueError, match=f"do not depend.*{name}"):
        gan.fit(X, Y, verbose=0)


def test_begins_with_the_learned_loss():
    """Before it terms have their own weights, and no norm is remembered."""
    gan, plain = (
        game(
            weights,
            g_optimizer=keras.optimizers.SGD(0.1),
            adversarial_start=2,
        )
        for weights in (shares(), None)
    )
    settings = {"batch_size": 3, "shuffle": False, "verbose": 0}
    for one in (gan, plain):
        one.fit(X, Y, **settings)
    for one, other in zip(
        gan.generator.get_weights(), plain.generator.get_weights()
    ):
        np.testing.assert_array_equal(one, other)
    counts = gan.balance.counts
    assert not ops.convert_to_numpy(counts).any()
    logs = gan.fit(X, Y, **settings).history
    assert logs["adversarial_weight"][0] > 0.0
    np.testing.assert_allclose(ops.convert_to_numpy(counts), 1.9)
