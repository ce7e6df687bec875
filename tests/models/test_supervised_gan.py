"""A supervised model with a learned loss, against Keras and a pencil."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import SupervisedGAN
from keras_ganloss.penalties import GradientPenalty

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(10, 3)).astype("float32")
Y = RANDOM.normal(size=(10, 2)).astype("float32")


def make_networks():
    keras.utils.set_random_seed(1)
    x = keras.Input((3,))
    generator = keras.Model(x, layers.Dense(2)(layers.Dense(4)(x)))
    answer = keras.Input((2,))
    discriminator = keras.Model(
        [answer, x], layers.Dense(1)(layers.Concatenate()([answer, x]))
    )
    return generator, discriminator


def make_gan(**settings):
    gan = SupervisedGAN(*make_networks(), seed=0)
    gan.compile(**{"loss": "mse", "d_loss": "hinge", **settings})
    return gan


def numpy_weights(model):
    return [ops.convert_to_numpy(weight) for weight in model.weights]


def test_without_the_learned_loss_it_is_keras():
    gan = make_gan(
        g_optimizer=keras.optimizers.SGD(0.1),
        loss_weights={"adversarial": 0.0},
        metrics=["mae"],
    )
    model, _ = make_networks()
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    settings = {
        "batch_size": 4,  # The last batch is smaller.
        "epochs": 3,
        "shuffle": False,
        "verbose": 0,
        "sample_weight": np.linspace(0.0, 2.0, 10, dtype="float32"),
        "validation_data": (X, Y),
    }
    ours = gan.fit(X, Y, **settings).history
    theirs = model.fit(X, Y, **settings).history
    for one, other in zip(numpy_weights(gan.generator), numpy_weights(model)):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ours["val_mae"], theirs["val_mae"], rtol=1e-5)
    np.testing.assert_allclose(
        ours["val_supervised"], theirs["val_loss"], rtol=1e-5
    )
    np.testing.assert_allclose(
        gan.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5
    )


def test_the_learned_loss_by_hand():
    # D(y, x) = u.y + v.x, so the generator's gradient by its bias is
    # 2 mean(fake - y) / 2 - weight * u.
    gan = make_gan(
        d_optimizer=keras.optimizers.SGD(0.0),
        g_optimizer=keras.optimizers.SGD(1.0),
        loss_weights={"adversarial": 0.5},
    )
    fake = gan.predict(X, verbose=0)
    before = numpy_weights(gan.generator)[-1]
    kernel = numpy_weights(gan.discriminator)[0]
    gan.fit(X, Y, batch_size=10, verbose=0)
    gradient = np.mean(fake - Y, axis=0) - 0.5 * kernel[:2, 0]
    np.testing.assert_allclose(
        numpy_weights(gan.generator)[-1],
        before - gradient,
        rtol=1e-5,
        atol=1e-6,
    )


def test_a_schedule_turns_the_learned_loss_on():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay(
        [1], [0.0, 0.5]
    )
    gan = make_gan(loss_weights={"adversarial": schedule})
    model = make_gan(loss_weights={"adversarial": 0.0})
    for updates, same in ((2, True), (1, False)):
        for _ in range(updates):
            for one in (gan, model):
                one.fit(X, Y, batch_size=10, verbose=0, shuffle=False)
        equal = all(
            np.allclose(one, other, rtol=0, atol=1e-7)
            for one, other in zip(
                numpy_weights(gan.generator), numpy_weights(model.generator)
            )
        )
        assert equal == same


def multi_gan():
    keras.utils.set_random_seed(1)
    left, right = keras.Input((3,)), keras.Input((2,))
    both = layers.Concatenate()([left, right])
    generator = keras.Model(
        [left, right],
        {"a": layers.Dense(2)(both), "b": layers.Dense(4)(both)},
    )
    a, b = keras.Input((2,)), keras.Input((4,))
    score = layers.Dense(1)(layers.Concatenate()([a, b, both]))
    discriminator = keras.Model([{"a": a, "b": b}, [left, right]], score)
    return SupervisedGAN(generator, discriminator, seed=0)


def test_several_inputs_and_outputs():
    gan = multi_gan()
    gan.compile(
        loss={"a": "mse", "b": keras.losses.MeanAbsoluteError()},
        loss_weights={"a": 2.0, "b": 3.0, "adversarial": 0.0},
        metrics={"a": ["mae"]},
    )
    x = [X, Y]
    y = {"a": Y, "b": np.ones((10, 4), "float32")}
    outputs = gan.predict(x, verbose=0)
    logs = gan.evaluate(x, y, verbose=0, return_dict=True)
    by_hand = 2.0 * np.mean((outputs["a"] - y["a"]) ** 2) + 3.0 * np.mean(
        np.abs(outputs["b"] - y["b"])
    )
    assert logs["g_loss"] == pytest.approx(by_hand, rel=1e-5)
    assert logs["a_mae"] == pytest.approx(
        np.mean(np.abs(outputs["a"] - y["a"])), rel=1e-5
    )
    assert len(gan.fit(x, y, verbose=0).history["g_loss"]) == 1


def test_an_output_without_explicit_loss():
    gan = multi_gan()
    gan.compile(loss={"a": "mse"}, loss_weights={"adversarial": 0.0})
    y = {"a": Y, "b": np.ones((10, 4), "float32")}
    outputs = gan.predict([X, Y], verbose=0)
    logs = gan.evaluate([X, Y], y, verbose=0, return_dict=True)
    assert logs["supervised"] == pytest.approx(
        np.mean((outputs["a"] - Y) ** 2), rel=1e-5
    )


def test_from_compiled_keeps_what_the_model_has():
    generator, discriminator = make_networks()
    optimizer = keras.optimizers.Adam(0.05)
    generator.compile(optimizer, "mae", metrics=["mse"])
    generator.fit(X, Y, epochs=3, verbose=0)
    twin = keras.models.clone_model(generator)
    twin.set_weights(generator.get_weights())
    gan = SupervisedGAN.from_compiled(
        generator,
        discriminator,
        d_loss="hinge",
        loss_weights={"adversarial": 0.0},
    )
    assert gan.g_optimizer is optimizer
    assert int(ops.convert_to_numpy(optimizer.iterations)) == 3
    history = gan.fit(X, Y, verbose=0).history
    assert {"supervised", "mse"} <= set(history)
    assert int(ops.convert_to_numpy(optimizer.iterations)) == 4


def test_from_a_model_that_is_not_compiled():
    with pytest.raises(ValueError, match="compiled with a loss.*Received"):
        SupervisedGAN.from_compiled(*make_networks())


def test_saved_and_resumed(tmp_path):
    straight, resumed = make_gan(ema=0.9), make_gan(ema=0.9)
    settings = {"batch_size": 4, "shuffle": False, "verbose": 0}
    straight.fit(X, Y, epochs=4, **settings)
    resumed.fit(X, Y, epochs=2, **settings)
    resumed.save(tmp_path / "gan.keras")
    resumed = keras.models.load_model(tmp_path / "gan.keras")
    resumed.fit(X, Y, epochs=2, **settings)
    for one, other in zip(numpy_weights(straight), numpy_weights(resumed)):
        np.testing.assert_array_equal(one, other)
    configs = [gan.get_compile_config() for gan in (straight, resumed)]
    for key in ("loss", "loss_weights", "d_loss", "g_loss", "ema"):
        assert configs[0][key] == configs[1][key]


def test_evaluation_does_not_disturb_training():
    gan = make_gan(penalties=[GradientPenalty()])  # Which draws.
    before = ops.convert_to_numpy(gan.seed_generator.state)
    gan.evaluate(X, Y, verbose=0)
    after = ops.convert_to_numpy(gan.seed_generator.state)
    np.testing.assert_array_equal(before, after)


def test_data_without_targets():
    with pytest.raises(ValueError, match="have no targets.*Received: y=None"):
        make_gan().fit(X, verbose=0)


def test_weights_of_outputs_need_a_loss():
    with pytest.raises(ValueError, match="need a `loss`"):
        multi_gan().compile(loss_weights={"a": 1.0})


def test_a_loss_for_an_unknown_output():
    with pytest.raises(ValueError, match=r"`loss` does not fit.*'a', 'b'"):
        multi_gan().compile(loss={"c": "mse"})


def two_outputs(container):
    source = keras.Input((3,))
    outputs = [layers.Dense(2)(source), layers.Dense(1)(source)]
    keys = ("y", "z")
    made = dict(zip(keys, outputs)) if container is dict else outputs
    parts = [keras.Input((2,)), keras.Input((1,))]
    judged = dict(zip(keys, parts)) if container is dict else parts
    logit = layers.Dense(1)(layers.Concatenate()(parts))
    return keras.Model(source, made), keras.Model(judged, logit)


@pytest.mark.parametrize("container", [dict, list])
def test_weights_and_targets_of_several_parts(container):
    gan = SupervisedGAN(*two_outputs(container), conditional=False, seed=0)
    gan.compile(loss="mse", loss_weights={"adversarial": 0.0})
    targets = [np.zeros((10, 2), "float32"), np.zeros((10, 1), "float32")]
    if container is dict:
        targets = dict(zip(("y", "z"), targets))
    weights = np.arange(10, dtype="float32")
    made = [np.asarray(x) for x in keras.tree.flatten(gan.predict(X))]
    expected = sum((weights * (x**2).mean(axis=1)).mean() for x in made)
    logs = gan.evaluate(
        X,
        targets,
        sample_weight=weights,
        batch_size=10,
        return_dict=True,
        verbose=0,
    )
    assert logs["supervised"] == pytest.approx(expected, rel=1e-5)


def test_weights_for_each_part():
    gan = SupervisedGAN(*two_outputs(dict), conditional=False, seed=0)
    gan.compile(loss="mse")
    targets = {"y": np.zeros((10, 2)), "z": np.zeros((10, 1))}
    weights = {"y": np.zeros(10), "z": np.full(10, 2.0)}
    expected = 2.0 * (gan.predict(X)["z"] ** 2).mean()
    logs = gan.evaluate(
        X,
        targets,
        sample_weight=weights,
        batch_size=10,
        return_dict=True,
        verbose=0,
    )
    assert logs["supervised"] == pytest.approx(expected, rel=1e-5)


def test_optimizer_of_a_compiled_model_is_saved_once(tmp_path):
    model = make_gan().generator
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(X, Y, verbose=0)
    gan = SupervisedGAN.from_compiled(model, make_gan().discriminator, seed=0)
    gan.fit(X, Y, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert again.g_optimizer is again.generator.optimizer
    assert int(again.g_optimizer.iterations.value) == 2
    for one, other in zip(
        again.g_optimizer.variables, gan.g_optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(
            ops.convert_to_numpy(one), ops.convert_to_numpy(other)
        )


def test_from_compiled_keeps_how_it_runs():
    model, discriminator = make_networks()
    model.compile("sgd", "mse", run_eagerly=True)
    gan = SupervisedGAN.from_compiled(model, discriminator)
    assert gan.run_eagerly
    assert gan.steps_per_execution == 1
