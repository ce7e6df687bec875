"""The weight that follows the gradients, against the formulas it replaces."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.balances import GradientRatio
from keras_ganloss.losses.gradient_ratio import global_norm
from keras_ganloss.losses.gradient_ratio import gradient_ratio_weight
from tests.helpers import tfgan_oracle


class Line(keras.Layer):
    """`slope * x + offset`: two parameters."""

    def build(self, shape):
        self.slope = self.add_weight(shape=(), initializer="ones", name="slope")
        self.offset = self.add_weight(
            shape=(), initializer="zeros", name="offset"
        )

    def call(self, x):
        return self.slope * x + self.offset


def line_gan(
    balance, target_loss="mse", critic_slope=0.5, g_optimizer=None, **critic
):
    """A line against `D(y) = critic_slope * y`; D hardly moves."""
    generator = keras.Sequential([keras.Input((1,)), Line()])
    critic = keras.layers.Dense(1, use_bias=False, **critic)
    discriminator = keras.Sequential([keras.Input((1,)), critic])
    critic.set_weights([np.full((1, 1), critic_slope, "float32")])
    gan = SupervisedGAN(generator, discriminator, conditional=False)
    gan.compile(
        loss=target_loss,
        d_loss="wasserstein",
        d_optimizer=keras.optimizers.SGD(0.0),
        g_optimizer=g_optimizer or keras.optimizers.SGD(0.1),
        loss_weights={"adversarial": balance},
    )
    return gan


X = np.array([[1.0], [2.0], [-1.0]], "float32")
Y = np.array([[0.5], [1.0], [2.0]], "float32")


def gradients_by_hand(critic_slope=0.5):
    """Gradients by slope and offset, at slope one and offset zero."""
    error = 2.0 * (X - Y) / 3.0
    main = np.array([np.sum(error * X), np.sum(error)])
    adversarial = np.array([-critic_slope * X.mean(), -critic_slope])
    return main, adversarial


def play_one_step(gan):
    logs = gan.fit(X, Y, batch_size=3, verbose=0).history
    slope, offset = (
        float(ops.convert_to_numpy(w)) for w in gan.generator.trainable_weights
    )
    return logs, np.array([slope, offset])


def test_one_step_by_hand():
    main, adversarial = gradients_by_hand()
    weight = 0.25 * np.linalg.norm(main) / (np.linalg.norm(adversarial) + 1e-6)
    logs, weights = play_one_step(line_gan(GradientRatio(0.25)))
    assert logs["adversarial_weight"][0] == pytest.approx(weight, rel=1e-6)
    assert weights == pytest.approx(
        [1.0, 0.0] - 0.1 * (main + weight * adversarial), abs=1e-6
    )
    value = np.mean((X - Y) ** 2) - weight * 0.5 * X.mean()
    assert logs["g_loss"][0] == pytest.approx(value, rel=1e-6)


def test_one_variable_by_hand_is_the_weight_of_vqgan():
    # taming-transformers: clip(|main| / (|adversarial| + 1e-4), 0, 1e4) on
    # the weights of the last layer, times `disc_weight`; here 0.8.
    main, adversarial = gradients_by_hand()
    weight = 0.8 * min(abs(main[1]) / (abs(adversarial[1]) + 1e-4), 1e4)
    balance = GradientRatio(0.8, variables="offset", epsilon=1e-4, maximum=1e4)
    logs, _ = play_one_step(line_gan(balance))
    assert logs["adversarial_weight"][0] == pytest.approx(weight, rel=1e-6)


def test_equals_tfgan():
    tf = pytest.importorskip("tensorflow")
    losses = tfgan_oracle.import_losses()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        slope = tf.compat.v1.get_variable("slope", initializer=1.0)
        offset = tf.compat.v1.get_variable("offset", initializer=0.0)
        fake = slope * X + offset
        combined = losses.combine_adversarial_loss(
            tf.reduce_mean((fake - Y) ** 2),
            tf.reduce_mean(-0.5 * fake),
            gradient_ratio=4.0,
            variables=[slope, offset],
            scalar_summaries=False,
            gradient_summaries=False,
        )
        slopes = tf.gradients(combined, [slope, offset])
        session.run(tf.compat.v1.global_variables_initializer())
        value, slopes = session.run([combined, slopes])
    logs, weights = play_one_step(line_gan(GradientRatio(1.0 / 4.0)))
    assert logs["g_loss"][0] == pytest.approx(value, rel=1e-6)
    assert weights == pytest.approx(
        [1.0, 0.0] - 0.1 * np.array(slopes), abs=1e-6
    )


@pytest.mark.parametrize("maximum", [None, 50.0])
def test_no_learned_gradient_is_finite(maximum):
    gan = line_gan(GradientRatio(maximum=maximum), critic_slope=0.0)
    main, _ = gradients_by_hand()
    logs, weights = play_one_step(gan)
    largest = np.linalg.norm(main) / 1e-6 if maximum is None else maximum
    assert logs["adversarial_weight"][0] == pytest.approx(largest, rel=1e-5)
    assert weights == pytest.approx([1.0, 0.0] - 0.1 * main, abs=1e-6)


def test_no_other_gradient_weighs_nothing():
    gan = line_gan(
        GradientRatio(), lambda y_true, y_pred: ops.mean(0.0 * y_pred, -1)
    )
    logs, weights = play_one_step(gan)
    assert logs["adversarial_weight"] == [0.0]
    assert weights == pytest.approx([1.0, 0.0])


def test_average_of_weights():
    # The gradients stay, since nothing moves.
    balance = GradientRatio(ema=0.75)
    gan = line_gan(balance)
    gan.g_optimizer.learning_rate = 0.0
    first = gan.fit(X, Y, batch_size=3, verbose=0).history
    balance.last.assign(10.0)
    second = gan.fit(X, Y, batch_size=3, verbose=0).history
    weight = first["adversarial_weight"][0]
    assert second["adversarial_weight"][0] == pytest.approx(
        0.75 * 10.0 + 0.25 * weight, rel=1e-6
    )


def test_evaluation_uses_the_last_weight_and_keeps_it():
    gan = line_gan(GradientRatio(0.25))
    weight = gan.fit(X, Y, batch_size=3, verbose=0).history[
        "adversarial_weight"
    ][0]
    for _ in range(2):
        logs = gan.evaluate(X, Y, verbose=0, return_dict=True)
        assert logs["adversarial_weight"] == pytest.approx(weight)


def test_last_weight_is_saved(tmp_path):
    gan = line_gan(GradientRatio(0.25, ema=0.5))
    gan.fit(X, Y, batch_size=3, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(
        tmp_path / "gan.keras", custom_objects={"Line": Line}
    )
    assert again.balance.get_config() == gan.balance.get_config()
    assert float(ops.convert_to_numpy(again.balance.last)) == float(
        ops.convert_to_numpy(gan.balance.last)
    )


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_norm_neither_overflows_nor_vanishes(scale):
    gradients = [
        ops.convert_to_tensor(np.array([3.0, 0.0], "float32") * scale),
        None,
        ops.convert_to_tensor(np.float32(4.0 * scale)),
    ]
    assert float(global_norm(gradients)) == pytest.approx(5.0 * scale)
    weight = gradient_ratio_weight(gradients, gradients, epsilon=1e-38)
    assert float(weight) == pytest.approx(1.0)


def test_norm_of_zeros_is_zero():
    assert float(global_norm([ops.zeros((3,)), None])) == 0.0
    assert float(global_norm([None])) == 0.0


@pytest.mark.parametrize(
    "arguments",
    [{"ratio": 0.0}, {"epsilon": 0.0}, {"maximum": -1.0}, {"ema": 1.0}],
)
def test_wrong_arguments(arguments):
    with pytest.raises(ValueError, match="Received: "):
        GradientRatio(**arguments)


def test_unknown_variables_are_refused():
    with pytest.raises(ValueError, match="paths"):
        play_one_step(line_gan(GradientRatio(variables="kernel")))


def test_needs_another_term():
    gan = GAN(
        keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]),
        keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]),
    )
    with pytest.raises(ValueError, match="another term"):
        gan.compile(loss_weights={"adversarial": GradientRatio()})


def test_a_schedule_of_the_generators_updates_as_ratio(tmp_path):
    """Zero before its step; then the ratio, saved and loaded in between."""
    ratio = keras.optimizers.schedules.PiecewiseConstantDecay([1], [0.0, 0.25])
    gan = line_gan(GradientRatio(ratio))
    # Boundaries are inclusive: the updates 0 and 1 are before.
    logs, _ = play_one_step(gan)
    assert logs["adversarial_weight"] == [0.0]
    gan.save(tmp_path / "gan.keras")
    gan = keras.saving.load_model(
        tmp_path / "gan.keras", custom_objects={"Line": Line}
    )
    logs, _ = play_one_step(gan)
    assert logs["adversarial_weight"] == [0.0]
    slope, offset = (
        float(ops.convert_to_numpy(w)) for w in gan.generator.trainable_weights
    )
    error = 2.0 * (slope * X + offset - Y) / 3.0
    main = np.array([np.sum(error * X), np.sum(error)])
    _, adversarial = gradients_by_hand()
    weight = 0.25 * np.linalg.norm(main) / (np.linalg.norm(adversarial) + 1e-6)
    logs, _ = play_one_step(gan)
    assert logs["adversarial_weight"][0] == pytest.approx(weight, rel=1e-5)


@pytest.mark.parametrize("at", ["weights", "samples"])
def test_an_overflow_under_loss_scaling_is_forgotten(at):
    """Steps are skipped until the scale fits, and leave no trace."""
    balance = GradientRatio(2.0**-10, maximum=9.0, ema=0.5, at=at)
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.0), initial_scale=2.0**18
    )
    # Of the critic a gradient of 4/3 a sample: up to a scale of 2^15.
    gan = line_gan(
        balance,
        critic_slope=4.0,
        g_optimizer=optimizer,
        dtype="mixed_float16",
    )
    main, adversarial = gradients_by_hand(4.0)
    if at == "samples":
        main, adversarial = 2.0 * (X - Y) / 3.0, np.full(3, 4.0 / 3.0)
    weight = 2.0**-10 * np.linalg.norm(main) / np.linalg.norm(adversarial)
    first = [play_and_scale(gan) for _ in range(4)]
    assert [scale for _, scale in first] == [2.0**17, 2.0**16] + [2.0**15] * 2
    assert [logs["adversarial_weight"] for logs, _ in first] == pytest.approx(
        [0.0, 0.0, 0.0, weight], rel=1e-3
    )
    optimizer.dynamic_scale.assign(2.0**16)
    logs, scale = play_and_scale(gan)
    assert scale == 2.0**15
    assert logs["adversarial_weight"] == pytest.approx(weight, rel=1e-3)
    assert logs["g_loss"] == pytest.approx(first[3][0]["g_loss"])
    logs = gan.evaluate(X, Y, verbose=0, return_dict=True)
    assert logs["g_loss"] == pytest.approx(first[3][0]["g_loss"])


def play_and_scale(gan):
    """One step; returns its logs, and the loss scale after it."""
    logs, _ = play_one_step(gan)
    scale = float(ops.convert_to_numpy(gan.g_optimizer.dynamic_scale))
    return {name: values[0] for name, values in logs.items()}, scale
