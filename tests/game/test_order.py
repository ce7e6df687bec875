"""Who plays on which batch, against plain Keras, a pencil and other games."""

import keras
import numpy as np
import pytest

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.balances import GradientRatio
from keras_ganloss.balances import GradientShares
from keras_ganloss.losses import Heads
from keras_ganloss.losses import Hinge
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import FeatureMatching
from keras_ganloss.updates import Alternating
from keras_ganloss.updates import Unrolled
from tests.helpers import dirac
from tests.helpers.limits import STEPS_PER_EXECUTION

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(24, 5)).astype("float32")
Y = np.tanh(X @ RANDOM.normal(size=(5, 3))).astype("float32")


def networks():
    """A regression with batch statistics and dice, and its judge."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(6, activation="tanh", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dropout(0.3, seed=2),
            layers.Dense(3),
        ]
    )
    x, y = keras.Input((5,)), keras.Input((3,))
    hidden = layers.Dense(4, activation="tanh", name="hidden")
    features = hidden(layers.Concatenate()([y, x]))
    judge = keras.Model([y, x], layers.Dense(1)(features))
    return model, judge


def game(**options):
    model, judge = networks()
    gan = SupervisedGAN(model, judge, seed=0)
    options = {
        "loss": "mae",
        "d_optimizer": keras.optimizers.Adam(0.01),
        "g_optimizer": keras.optimizers.Adam(0.01),
        **options,
    }
    gan.compile(**options)
    return gan


def fit(model, num_batches, start=0, **options):
    """Batches of four, each once, in their order."""
    rows = slice(4 * start, 4 * (start + num_batches))
    return model.fit(
        X[rows], Y[rows], batch_size=4, shuffle=False, verbose=0, **options
    ).history


def weights(network):
    return [np.array(weight) for weight in network.get_weights()]


def assert_same(one, other, tolerance=0.0):
    for left, right in zip(one, other, strict=True):
        np.testing.assert_allclose(left, right, rtol=0.0, atol=tolerance)


def test_before_the_start_it_is_the_plain_model_to_the_bit():
    gan = game(adversarial_start=100, metrics=["mse"])
    before = weights(gan.discriminator)
    plain, _ = networks()
    plain.compile(keras.optimizers.Adam(0.01), "mae", metrics=["mse"])
    ours, theirs = fit(gan, 6, epochs=2), fit(plain, 6, epochs=2)
    assert_same(weights(gan.generator), weights(plain))
    assert_same(weights(gan.discriminator), before)
    assert ours["loss"] == theirs["loss"] and ours["mse"] == theirs["mse"]
    assert ours["g_loss"] == pytest.approx(ours["loss"])
    assert set(ours) == {"loss", "mse", "g_loss", "supervised"}


def test_nobody_asks_the_discriminator_before_it_plays():
    model, _ = networks()

    class Counting(keras.Model):
        calls = 0

        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, inputs):
            type(self).calls += 1
            return self.dense(keras.ops.concatenate(inputs, axis=-1))

    judge = Counting()
    judge([Y, X])
    gan = SupervisedGAN(model, judge, seed=0)
    gan.compile(
        loss="mae", adversarial_start=4, d_start=3, run_eagerly=True,
        d_loss="hinge",
    )  # fmt: skip
    fit(gan, 1)  # The first step looks at what it could train.
    first = Counting.calls
    fit(gan, 2, start=1)
    assert Counting.calls == first
    fit(gan, 1, start=3)  # On real and fake samples, by the discriminator.
    assert Counting.calls == first + 2


def test_the_discriminator_alone_plays_as_beside_a_weight_of_zero():
    early = game(adversarial_start=100, d_start=0)
    beside = game(loss_weights={"adversarial": 0.0})
    logs, others = fit(early, 5), fit(beside, 5)
    for name in ("generator", "discriminator"):
        networks = getattr(early, name), getattr(beside, name)
        assert_same(*map(weights, networks), 1e-7)
    assert set(logs) == set(others)
    for name in logs:
        assert logs[name] == pytest.approx(others[name], rel=1e-6), name


def make_settings():
    """Anew each time: balances remember."""
    return {
        "plain": {},
        "ratio": {"loss_weights": {"adversarial": GradientRatio(0.8)}},
        "schedule": {
            "loss_weights": {
                "adversarial": GradientRatio(
                    keras.optimizers.schedules.PolynomialDecay(1.0, 8, 0.1)
                )
            }
        },
        "features": {"g_penalties": [FeatureMatching(["hidden"], 2.0)]},
        "heads and shares": {
            "d_loss": Heads(Hinge(), combine="mean"),
            "g_penalties": [FeatureMatching("all", relative=True)],
            "loss_weights": GradientShares(
                {"adversarial": 1.0, "feature_matching": 1.0, "supervised": 2.0}
            ),
        },
        "inner r1": {"penalties": [R1(0.1, at=["hidden"])]},
        "r1": {"penalties": [R1(0.1)], "ema": 0.9},
        "d_steps": {"d_steps": 2},
        "g_steps": {"g_steps": 2},
        "unrolled": {"updates": Unrolled(0.1, 2)},
    }


@pytest.mark.parametrize("name", make_settings())
def test_from_the_start_on_it_is_the_game_of_a_pretrained_model(name):
    """Two batches of `fit` of a model, then a game that takes it over."""
    ours = game(adversarial_start=2, **make_settings()[name])
    fit(ours, 6)

    model, judge = networks()
    model.compile(keras.optimizers.Adam(0.01), "mae")
    fit(model, 2)
    later = SupervisedGAN.from_compiled(
        model,
        judge,
        seed=0,
        d_optimizer=keras.optimizers.Adam(0.01),
        **make_settings()[name],
    )
    later.g_updates.assign(2)  # Schedules count updates in the game.
    fit(later, 4, start=2)
    assert_same(weights(ours.generator), weights(later.generator), 2e-6)
    assert_same(weights(ours.discriminator), weights(later.discriminator), 2e-6)


def test_logs_of_the_epoch_in_which_it_starts():
    """Means are those of the batches on which there was something."""
    gan = game(
        adversarial_start=5, d_start=2,
        g_penalties=[FeatureMatching(["hidden"], 2.0)],
    )  # fmt: skip
    batches = []

    class Noting(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            batches.append(dict(logs))

    history = fit(gan, 3, epochs=3, callbacks=[Noting()])
    assert len(history["d_loss"]) == 3  # It plays on the third batch.
    assert history["d_loss"][0] == batches[2]["d_loss"]
    assert len(history["feature_matching"]) == 2  # From the sixth on.
    assert history["feature_matching"][0] == batches[5]["feature_matching"]
    assert len(history["supervised"]) == 3
    assert ["d_loss" in logs for logs in batches] == [False] * 2 + [True] * 7
    played = ["feature_matching" in logs for logs in batches]
    assert played == [False] * 5 + [True] * 4
    values = [value for logs in batches for value in logs.values()]
    assert np.isfinite(values).all()


def test_evaluation_is_whole_from_the_beginning():
    early, whole = game(adversarial_start=9), game()
    data = {"x": X, "y": Y, "verbose": 0, "return_dict": True}
    assert early.evaluate(**data) == pytest.approx(whole.evaluate(**data))
    assert "val_feature_matching" not in fit(early, 1, validation_data=(X, Y))


def test_saved_and_resumed(tmp_path):
    """In the middle of the discriminator's time before the start."""
    options = {
        "adversarial_start": 4, "d_start": 2,
        "updates": Alternating(d_probability=0.5),
    }  # fmt: skip
    once, first = game(**options), game(**options)
    fit(once, 6)
    fit(first, 3)
    first.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    fit(again, 3, start=3)
    for name in ("generator", "discriminator"):
        pair = getattr(once, name), getattr(again, name)
        assert_same(*map(weights, pair))
    assert again.order.adversarial_start == 4 and again.order.d_start == 2


@pytest.mark.parametrize("whole", [True, False], ids=["model", "weights"])
def test_a_resumed_run_counts_on_from_where_it_was(tmp_path, whole):
    """TensorFlowTTS #409: there the start, and D's rate, counted anew."""

    def make():
        one = keras.Sequential([keras.Input((1,)), dirac.Constant()])
        judge = keras.Sequential(
            [keras.Input((1,)), keras.layers.Dense(1, use_bias=False)]
        )
        gan = SupervisedGAN(one, judge, conditional=False)
        one.set_weights([np.ones(1)]), judge.set_weights([np.full((1, 1), 2)])
        # Of the discriminator's own updates: 0.1 for two, then 0.5.
        rates = keras.optimizers.schedules.PiecewiseConstantDecay
        gan.compile(
            keras.optimizers.SGD(rates([1], [0.1, 0.5])),
            keras.optimizers.SGD(0.0),
            loss="mse",
            d_loss="wasserstein",
            adversarial_start=3,
            run_eagerly=True,
        )
        return gan

    def play(gan, num):
        zeros = np.zeros((num, 1))
        gan.fit(zeros, zeros, batch_size=1, verbose=0)
        return gan.discriminator.get_weights()[0].item()

    gan = make()
    assert play(gan, 4) == pytest.approx(2.0 - 0.1)
    if whole:
        gan.save(tmp_path / "gan.keras")
        again = keras.saving.load_model(tmp_path / "gan.keras")
    else:
        gan.save_weights(tmp_path / "gan.weights.h5")
        again = make()
        again.load_weights(tmp_path / "gan.weights.h5")
    assert play(again, 1) == pytest.approx(1.9 - 0.1)
    assert play(again, 1) == pytest.approx(1.8 - 0.5)


def test_in_blocks_of_batches():
    STEPS_PER_EXECUTION.skip()
    single = game(adversarial_start=3)
    blocks = game(adversarial_start=3, steps_per_execution=2)
    fit(single, 6), fit(blocks, 6)
    assert_same(weights(single.generator), weights(blocks.generator), 1e-6)


@pytest.mark.parametrize("rule", [{"d_every": 3}, {"d_probability": 0.4}])
@pytest.mark.parametrize("first", ["discriminator", "generator"])
def test_a_discriminator_that_plays_rarely_by_pencil(rule, first):
    """Under Wasserstein psi falls by theta's rate on each of its turns."""
    rate = 0.1
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    gan.compile(
        dirac.sgd(rate), dirac.sgd(0.0), d_loss="wasserstein",
        updates=Alternating(first=first, **rule),
    )  # fmt: skip
    psi, turns = [2.0], []
    for _ in range(9):
        dirac.fit(gan, 1)
        psi.append(dirac.state(gan)[1])
        turns.append(round((psi[-2] - psi[-1]) / rate, 5))
    assert set(turns) == {0.0, 1.0}
    if "d_every" in rule:
        assert turns == [1.0, 0.0, 0.0] * 3
    assert int(gan.g_updates) == 9


def test_chances_are_those_asked_for():
    """400 draws: 2/3 within four standard deviations; same seed, same."""
    gan = dirac.dirac_gan()
    rule = Alternating(d_probability=2 / 3)
    played = [
        bool(rule.d_plays(i, gan.seed_generator.state.value))
        for i in range(400)
    ]
    assert abs(np.mean(played) - 2 / 3) < 4 * (2 / 9 / 400) ** 0.5
    twin = dirac.dirac_gan()
    twice = [
        bool(rule.d_plays(i, twin.seed_generator.state.value))
        for i in range(50)
    ]
    assert twice == played[:50]


def test_logs_beside_a_discriminator_that_plays_rarely():
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    gan.compile(
        dirac.sgd(0.1), dirac.sgd(0.0), d_loss="wasserstein",
        updates=Alternating(d_every=2),
    )  # fmt: skip
    history = gan.fit(np.zeros((4, 1)), batch_size=1, epochs=2, verbose=0)
    # psi is 2.0 and 1.9 before its turns, then 1.8 and 1.7.
    assert history.history["d_loss"] == pytest.approx([1.95, 1.75])


def test_logs_of_one_batch_have_no_mean():
    """Without an order of play, `compute_metrics` may return them."""

    @keras.saving.register_keras_serializable("test_order")
    class Loud(keras.Sequential):
        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            own = super().compute_metrics(x, y, y_pred, sample_weight)
            return {**own, "largest": keras.ops.max(y_pred)}

    model, judge = networks()
    gan = SupervisedGAN(Loud([keras.Input((5,)), *model.layers]), judge, seed=0)
    gan.compile(loss="mae", d_steps=2)
    with pytest.raises(ValueError, match="Received: .*'largest'"):
        fit(gan, 2)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_in_mixed_precision(policy):
    """With loss scaling: the plain model's own numbers, until the start."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        gan = game(adversarial_start=3)
        plain, _ = networks()
        plain.compile(keras.optimizers.Adam(0.01), "mae")
    finally:
        keras.config.set_dtype_policy(before)
    fit(gan, 3), fit(plain, 3)
    assert_same(weights(gan.generator), weights(plain), 1e-5)
    assert np.isfinite(fit(gan, 3, start=3)["g_loss"]).all()


def test_mistakes():
    with pytest.raises(ValueError, match="(?s)at most.*Received: d_start=5"):
        game(adversarial_start=4, d_start=5)
    with pytest.raises(ValueError, match="(?s)at most.*Received: d_start=5"):
        game(d_start=5)
    with pytest.raises(ValueError, match="Received: adversarial_start=-1"):
        game(adversarial_start=-1)
    with pytest.raises(ValueError, match="Leave one out"):
        game(d_steps=2, updates=Alternating(d_every=2))
    with pytest.raises(ValueError, match="Pass one of both"):
        Alternating(d_every=2, d_probability=0.5)
    for name, value in (("d_every", 0), ("d_probability", 0.0)):
        with pytest.raises(ValueError, match=f"Received: {name}={value}"):
            Alternating(**{name: value})
    gan = GAN(*dirac.dirac_gan().g_networks, dirac.dirac_gan().discriminator)
    with pytest.raises(ValueError, match="(?s)asks no.*Received: adv"):
        gan.compile(adversarial_start=3)
