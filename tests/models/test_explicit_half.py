"""What a game makes of a compiled model's settings, weights and masks."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import SupervisedGAN
from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.penalties import LatentConsistency
from keras_ganloss.penalties import LatentDiversity
from keras_ganloss.utils.masks import bind_masks
from keras_ganloss.utils.masks import masks_of
from keras_ganloss.utils.masks import zero_padding

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(8, 3)).astype("float32")
Y = RANDOM.normal(size=(8, 2)).astype("float32")


def make_networks():
    keras.utils.set_random_seed(1)
    source, answer = keras.Input((3,)), keras.Input((2,))
    generator = keras.Model(source, layers.Dense(2, name="out")(source))
    return generator, keras.Model(answer, layers.Dense(1)(answer))


def make_gan(**settings):
    gan = SupervisedGAN(*make_networks(), conditional=False, seed=0)
    gan.compile(**{"loss": "mse", "d_loss": "hinge", **settings})
    return gan


def still():
    return {
        "g_optimizer": keras.optimizers.SGD(0.0),
        "d_optimizer": keras.optimizers.SGD(0.0),
    }


def evaluate(model, *data, **kwargs):
    return model.evaluate(*data, verbose=0, return_dict=True, **kwargs)


@keras.saving.register_keras_serializable(package="tests")
def dice(target, answer):
    return ops.mean(ops.abs(target - answer) ** 1.5, axis=-1)


# The model that a game is made of.


def test_the_model_stays_as_it_was_compiled():
    model, discriminator = make_networks()
    model.compile("adam", "mae", metrics=["mse"], weighted_metrics=[dice])
    model.fit(X, Y, verbose=0)
    before = evaluate(model, X, Y)
    games = [
        SupervisedGAN.from_compiled(model, discriminator, conditional=False)
        for _ in range(2)
    ]
    other = SupervisedGAN(model, make_networks()[1], conditional=False)
    other.compile(loss="mse", metrics=["mae"], loss_weights=[3.0])
    assert evaluate(model, X, Y) == before
    for game in games:
        logs = evaluate(game, X, Y)
        assert {name: logs[name] for name in before} == pytest.approx(before)
    logs = evaluate(other, X, Y)
    assert logs["loss"] == pytest.approx(3.0 * before["mse"], rel=1e-6)
    assert logs["mae"] == pytest.approx(before["loss"], rel=1e-6)
    games[0].fit(X, Y, verbose=0)
    steps = int(ops.convert_to_numpy(model.optimizer.iterations))
    model.fit(X, Y, verbose=0)
    assert steps == 2
    assert int(ops.convert_to_numpy(model.optimizer.iterations)) == 3


def test_settings_are_added_to_those_of_the_model():
    source = keras.Input((3,))
    outputs = [layers.Dense(2, name=name)(source) for name in ("a", "b")]
    model = keras.Model(source, outputs)
    model.compile(
        "sgd", ["mae", "mse"], loss_weights=[2.0, 3.0], metrics=[["mse"], None]
    )
    judged = [keras.Input((2,)), keras.Input((2,))]
    discriminator = keras.Model(
        judged, layers.Dense(1)(layers.Concatenate()(judged))
    )
    gan = SupervisedGAN.from_compiled(
        model,
        discriminator,
        conditional=False,
        loss_weights={"adversarial": 0.0, "supervised": 10.0},
    )
    theirs = evaluate(model, X, [Y, Y])
    ours = evaluate(gan, X, [Y, Y])
    assert {name: ours[name] for name in theirs} == pytest.approx(theirs)
    assert ours["g_loss"] == pytest.approx(10.0 * theirs["loss"], rel=1e-6)


def test_metrics_of_samples_stand_beside_those_of_the_model():
    model, discriminator = make_networks()
    model.compile("sgd", "mae", metrics={"out": ["mse"]})
    features = keras.Sequential([keras.Input((2,)), layers.Flatten()])
    gan = SupervisedGAN.from_compiled(
        model,
        discriminator,
        conditional=False,
        metrics=[FrechetDistance(features)],
    )
    logs = evaluate(gan, X, Y)
    assert {"mse", "frechet_distance", "loss"} <= logs.keys()
    values = gan.evaluate(X, Y, verbose=0)
    assert gan.metrics_names[0] == "loss"  # As in Keras, what they begin with.
    assert dict(zip(gan.metrics_names, values)) == pytest.approx(logs)


@pytest.mark.parametrize("method", ["train_step", "test_step", "predict_step"])
def test_a_step_of_its_own_is_refused_by_name(method):
    def step(self, *args):
        raise RuntimeError("This does not run.")

    own = type("Own", (keras.Model,), {method: step})
    plain, discriminator = make_networks()
    model = own(plain.inputs, plain.outputs)
    model.compile("sgd", "mae")
    with pytest.raises(ValueError, match=f"`Own` has a `{method}`.*Received"):
        SupervisedGAN.from_compiled(model, discriminator, conditional=False)


# Names.


def test_unknown_keys_of_loss_weights_are_refused():
    known = r"\['adversarial', 'supervised'\].*\['out'\]"
    with pytest.raises(ValueError, match=f"{known}.*mean 'adversarial'"):
        make_gan(loss_weights={"adversarail": 0.0})
    with pytest.raises(ValueError, match=r"unknown keys \['x'\]"):
        make_gan(loss={"out": "mse"}, loss_weights={"out": 2.0, "x": 1.0})
    with pytest.raises(ValueError, match="must be numbers.*Received"):
        make_gan(loss={"out": "mse"}, loss_weights={"out": "much"})


@pytest.mark.parametrize("argument", ["metrics", "weighted_metrics"])
def test_unknown_metrics_are_refused(argument):
    with pytest.raises(ValueError, match="mean 'accuracy'.*'acuracy'"):
        make_gan(**{argument: ["acuracy"]})


# Logs.


def test_callbacks_of_keras_find_val_loss(tmp_path):
    gan = make_gan(metrics=["accuracy"], d_steps=2, **still())
    stop = keras.callbacks.EarlyStopping(patience=1)
    best = keras.callbacks.EarlyStopping("val_accuracy", patience=9)
    term = keras.callbacks.EarlyStopping("val_supervised", patience=9)
    slow = keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5)
    save = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.keras", save_best_only=True
    )
    history = gan.fit(
        X,
        Y,
        batch_size=2,
        epochs=5,
        validation_data=(X, Y),
        callbacks=[stop, best, slow, save, term],
        verbose=0,
    ).history
    expected = np.mean((gan.predict(X, verbose=0) - Y) ** 2)
    assert history["val_loss"] == pytest.approx([expected] * 2, rel=1e-5)
    assert history["loss"] == pytest.approx(history["supervised"])
    assert stop.best == save.best == pytest.approx(expected, rel=1e-5)
    assert best.monitor_op is ops.greater
    assert term.monitor_op is ops.less
    assert (tmp_path / "best.keras").exists()


def test_a_game_without_an_explicit_loss_has_none_in_its_logs():
    logs = evaluate(make_gan(loss=None, metrics=["mae"]), X, Y)
    assert "mae" in logs
    assert not {"loss", "supervised"} & logs.keys()


def test_metrics_see_every_batch():
    for d_steps in (3, 9):  # With one turn of the generator, with none.
        gan = make_gan(metrics=["mae"], d_steps=d_steps, g_steps=2, **still())
        history = gan.fit(X, Y, batch_size=2, verbose=0).history
        error = gan.predict(X, verbose=0) - Y
        for name, expected in (
            ("mae", np.mean(np.abs(error))),
            ("loss", np.mean(error**2)),
            ("supervised", np.mean(error**2)),
        ):
            assert history[name] == pytest.approx([expected], rel=1e-5)


@pytest.mark.parametrize("ema", [None, 0.0])
@pytest.mark.parametrize("argument", ["penalties", "g_penalties"])
def test_losses_of_layers_count_where_penalties_call_them_again(argument, ema):
    class Adds(layers.Layer):
        def call(self, inputs):
            self.add_loss(ops.mean(ops.square(inputs)))
            return inputs

    source = keras.Input((3,))
    generator = keras.Model(source, layers.Dense(2)(Adds()(source)))
    discriminator = make_networks()[1]
    gan = SupervisedGAN(generator, discriminator, conditional=False, seed=0)
    penalty = LatentConsistency if argument == "penalties" else LatentDiversity
    gan.compile(loss="mse", ema=ema, **{argument: [penalty()]}, **still())
    error = generator.predict(X, verbose=0) - Y
    expected = np.mean(error**2) + np.mean(X**2)
    history = gan.fit(X, Y, batch_size=8, verbose=0).history
    assert history["loss"] == pytest.approx([expected], rel=1e-5)
    assert evaluate(gan, X, Y, batch_size=8)["loss"] == pytest.approx(
        expected, rel=1e-5
    )


# Weights.


def test_an_answer_without_a_target_is_judged_all_the_same():
    labeled = np.array([1, 0] * 4, "float32")
    target = np.where(labeled[:, None] > 0, Y, 1e3)  # No targets at all.
    gan = make_gan(**still())
    fake = gan.generator.predict(X, verbose=0)
    real_score, fake_score = [
        gan.discriminator.predict(samples, verbose=0)[:, 0]
        for samples in (target, fake)
    ]
    logs = gan.fit(X, target, sample_weight=labeled, batch_size=8, verbose=0)
    logs = {name: values[0] for name, values in logs.history.items()}
    explicit = np.mean(labeled * np.mean((fake - target) ** 2, axis=1))
    hinge = np.maximum(0, 1 - real_score) + np.maximum(0, 1 + fake_score)
    assert logs["supervised"] == pytest.approx(explicit, rel=1e-5)
    assert logs["g_loss"] - logs["supervised"] == pytest.approx(
        -fake_score.mean(), rel=1e-4, abs=1e-5
    )
    assert logs["d_loss"] == pytest.approx(np.mean(labeled * hinge), rel=1e-5)


def test_losses_that_compare_with_targets_weigh_the_answers_too():
    labeled = np.array([1, 0] * 4, "float32")
    spoiled = np.where(labeled[:, None] > 0, Y, 1e3).astype("float32")
    values = []
    for target in (Y, spoiled):
        gan = make_gan(d_loss="relativistic", loss=None)
        values.append(
            evaluate(gan, X, target, sample_weight=labeled, batch_size=8)
        )
    assert values[0]["g_loss"] == pytest.approx(values[1]["g_loss"], rel=1e-6)


def sequence_gan(hidden):
    keras.utils.set_random_seed(2)
    source, answer = keras.Input((4, 3)), keras.Input((4, 2))
    generator = keras.Model(source, layers.Dense(2)(hidden(source)))
    score = layers.Dense(1)(layers.Flatten()(answer))
    return SupervisedGAN(
        generator, keras.Model(answer, score), conditional=False, seed=0
    )


def test_weights_of_steps_weigh_the_learned_loss_by_their_mean():
    data = RANDOM.normal(size=(2, 6, 4, 3)).astype("float32")
    x, y = data[0], data[1][..., :2]
    weight = RANDOM.uniform(size=(6, 4)).astype("float32")
    logs = []
    for given in (weight, weight.mean(axis=1, keepdims=True)):
        gan = sequence_gan(layers.Activation("linear"))
        gan.compile(loss="mse", d_loss="hinge")
        logs.append(evaluate(gan, x, y, sample_weight=given, batch_size=6))
    assert logs[0]["d_loss"] == pytest.approx(logs[1]["d_loss"], rel=1e-6)
    assert logs[0]["loss"] != pytest.approx(logs[1]["loss"], rel=1e-3)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite(bad):
    weight = np.ones(8, "float32")
    weight[3] = bad
    for method in ("fit", "evaluate"):
        with pytest.raises(ValueError, match=r"sample_weight\[3\] is not"):
            getattr(make_gan(), method)(X, Y, sample_weight=weight, verbose=0)
    with pytest.raises(ValueError, match="validation sample_weight"):
        make_gan().fit(X, Y, validation_data=(X, Y, weight), verbose=0)


# Masks.


def test_padding_is_not_shown_to_the_discriminator():
    x = RANDOM.normal(size=(6, 4, 3)).astype("float32")
    x[:, 2:] = 0.0
    y = RANDOM.normal(size=(6, 4, 2)).astype("float32")
    padded = np.concatenate([y[:, :2], 1e3 * np.ones((6, 2, 2))], axis=1)
    gan = sequence_gan(layers.Masking())
    gan.compile(loss="mse", d_loss="hinge", **still())
    fake = gan.generator.predict(x, verbose=0)
    shown = [np.concatenate([s[:, :2], 0.0 * s[:, 2:]], 1) for s in (y, fake)]
    real_score, fake_score = [
        gan.discriminator.predict(samples, verbose=0) for samples in shown
    ]
    hinge = np.maximum(0, 1 - real_score) + np.maximum(0, 1 + fake_score)
    expected = np.mean((fake - y)[:, :2] ** 2)
    for logs in (
        evaluate(gan, x, padded, batch_size=6),
        {k: v[0] for k, v in gan.fit(x, padded, verbose=0).history.items()},
    ):
        assert logs["d_loss"] == pytest.approx(hinge.mean(), rel=1e-5)
        assert logs["loss"] == pytest.approx(expected, rel=1e-5)


def test_masks_of_averaged_generators():
    x = RANDOM.normal(size=(6, 4, 3)).astype("float32")
    x[:, 2:] = 0.0
    y = RANDOM.normal(size=(6, 4, 2)).astype("float32")
    gan = sequence_gan(layers.Masking())
    gan.compile(loss="mse", d_loss="hinge", ema=0.5)
    gan.fit(x, y, epochs=2, verbose=0)
    expected = np.mean((gan.predict(x, verbose=0) - y)[:, :2] ** 2)
    assert evaluate(gan, x, y)["loss"] == pytest.approx(expected, rel=1e-5)


def test_masks_are_read_tied_and_zeroed():
    words = ops.convert_to_tensor([[1, 2, 0]])
    made = layers.Embedding(3, 2, mask_zero=True)(words)
    masks = masks_of([made, ops.ones((1, 3))])
    assert masks[1] is None
    np.testing.assert_array_equal(
        ops.convert_to_numpy(masks[0]), [[True, True, False]]
    )
    copies = bind_masks([1.0 * ops.ones((1, 3, 2)), made], [masks[0], None])
    np.testing.assert_array_equal(
        ops.convert_to_numpy(masks_of(copies)[0]), [[True, True, False]]
    )
    zeroed = zero_padding({"a": copies[0]}, {"a": masks[0]})["a"]
    np.testing.assert_array_equal(
        ops.convert_to_numpy(zeroed), [[[1, 1], [1, 1], [0, 0]]]
    )


# Saving.


@pytest.mark.parametrize(
    "settings",
    [
        {"loss": dice, "metrics": [dice, "accuracy"]},
        {
            "loss": {"out": keras.losses.MeanSquaredError(reduction="sum")},
            "loss_weights": {"out": 0.5, "adversarial": 0.1},
            "weighted_metrics": ["mse"],
        },
        {"loss": ["mae"], "loss_weights": [2.0], "metrics": {"out": "mse"}},
    ],
)
@pytest.mark.parametrize("compiles", [True, False])
def test_settings_are_saved_and_loaded(settings, compiles, tmp_path):
    if compiles:
        generator, discriminator = make_networks()
        own = settings.get("loss_weights")
        adversarial = {}
        if isinstance(own, dict):
            adversarial = {"adversarial": own["adversarial"]}
            own = {"out": own["out"]}
        generator.compile("adam", **{**settings, "loss_weights": own})
        gan = SupervisedGAN.from_compiled(
            generator,
            discriminator,
            conditional=False,
            loss_weights=adversarial,
        )
    else:
        gan = make_gan(**settings)
    gan.fit(X, Y, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    expected = evaluate(gan, X, Y, sample_weight=X[:, 0] ** 2)
    logs = evaluate(again, X, Y, sample_weight=X[:, 0] ** 2)
    assert logs == pytest.approx(expected, rel=1e-6)


def test_own_losses_are_saved_and_loaded(tmp_path):
    @keras.saving.register_keras_serializable(package="tests")
    class Own(keras.Model):
        def compute_loss(self, x, y, y_pred, sample_weight=None):
            return 3.0 * super().compute_loss(x, y, y_pred, sample_weight)

    plain, discriminator = make_networks()
    model = Own(plain.inputs, plain.outputs)
    model.compile("sgd", "mae")
    expected = evaluate(model, X, Y)["loss"]
    gan = SupervisedGAN.from_compiled(model, discriminator, conditional=False)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert evaluate(again, X, Y)["loss"] == pytest.approx(expected, rel=1e-6)
