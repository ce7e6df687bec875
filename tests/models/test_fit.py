import keras
import numpy as np
import pytest
from keras import ops

from tests.helpers import limits
from tests.helpers.networks import Shared
from tests.helpers.networks import conditional
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import labelled
from tests.helpers.networks import labels
from tests.helpers.networks import linear
from tests.helpers.networks import train
from tests.helpers.networks import vectors
from tests.helpers.networks import weights

X = data(10)
Y = data(10, 3, seed=1)


# Conditions.


def test_image_condition_reaches_both_networks():
    """D and G return the condition's sum: everything can be foreseen."""
    image = keras.Input((2, 2, 1))
    latent, sample = keras.Input((3,)), keras.Input((2,))

    def total(x):
        return ops.sum(x, axis=(1, 2, 3), keepdims=True)[:, 0, 0]

    one = keras.layers.Dense(2, kernel_initializer="zeros")(latent)
    generator = keras.Model([latent, image], one + total(image))
    flat = keras.layers.Dense(1, kernel_initializer="zeros")(sample)
    discriminator = keras.Model(
        [sample, image],
        flat + ops.sum(sample, axis=-1, keepdims=True) - total(image),
    )
    gan = game((generator, discriminator), 0.0, d_loss="wasserstein")
    images = np.ones((6, 2, 2, 1), "float32")
    history = train(gan, np.full((6, 2), 7.0, "float32"), images)
    assert history["fake_output"] == [4.0 + 4.0 - 4.0]
    assert history["real_output"] == [7.0 + 7.0 - 4.0]
    np.testing.assert_array_equal(
        gan.generate(3, condition=2 * images[:3]), np.full((3, 2), 8.0)
    )


@pytest.mark.parametrize("kind", [dict, list])
def test_condition_of_several_parts(kind):
    parts = [keras.Input((2,)), keras.Input((1,))]

    def nest(first, second):
        if kind is dict:
            return {"first": first, "second": second}
        return [first, second]

    def network(num_inputs, num_outputs):
        inputs = keras.Input((num_inputs,))
        x = keras.layers.Concatenate()([inputs, *parts])
        x = keras.layers.Dense(num_outputs, kernel_initializer="ones")(x)
        return keras.Model([inputs, nest(*parts)], x)

    gan = game((network(3, 2), network(2, 1)), 0.0)
    condition = nest(data(6, 2), data(6, 1))
    history = train(gan, np.zeros((6, 2), "float32"), condition)
    expected = np.mean(data(6, 2).sum(1) + data(6, 1).sum(1))
    assert history["real_output"][0] == pytest.approx(expected, abs=1e-6)
    assert gan.generate(6, condition=condition).shape == (6, 2)


def test_labels_select_embeddings():
    gan = game(labelled())
    tables = [network.layers[2] for network in gan.d_networks + gan.g_networks]
    assert [table.weights[0].shape for table in tables] == [(3, 2), (3, 2)]
    train(gan, X[:6], np.array([0, 2, 0, 2, 0, 2]))
    for table in tables:  # The rows of labels that came have moved.
        moved = (ops.convert_to_numpy(table.weights[0]) != 0.5).any(axis=1)
        assert moved.tolist() == [True, False, True]


def test_one_hot_labels():
    gan = game(conditional())
    train(gan, X, np.eye(3)[labels()])
    assert gan.generate(2, condition=np.eye(3)[:2]).shape == (2, 2)
    assert int(gan.g_optimizer.iterations) == 3


# Weights of samples.


@pytest.fixture(scope="module")
def weighted():
    """A function that trains one step and returns logs and weights."""
    shared = {
        loss: Shared(
            game(
                conditional(),
                d_loss=loss,
                updates="simultaneous",
                run_eagerly=loss != "hinge",
            )
        )
        for loss in ("wasserstein", "modified_minimax", "hinge")
    }

    def step(sample_weight, loss="wasserstein", x=X):
        gan = shared[loss]()
        weight = sample_weight.astype("float32")
        history = train(gan, x, Y, sample_weight=weight, batch_size=10)
        return history, weights(gan)

    return step


def test_weights_of_two_double_the_loss(weighted):
    single, _ = weighted(np.ones(10))
    double, _ = weighted(np.full(10, 2.0))
    assert double["d_loss"][0] == pytest.approx(2 * single["d_loss"][0])
    assert double["g_loss"][0] == pytest.approx(2 * single["g_loss"][0])


@pytest.mark.parametrize("loss", ["wasserstein", "modified_minimax", "hinge"])
def test_rows_of_weight_zero_have_no_gradient(loss, weighted):
    other = X.copy()
    other[3] = 100.0
    weight = np.ones(10)
    weight[3] = 0.0
    _, one = weighted(weight, loss)
    _, two = weighted(weight, loss, other)
    assert equal(one, two)
    _, moved = weighted(np.ones(10), loss, other)
    assert not equal(one, moved)


def test_class_weight_is_a_weight_of_samples():
    shared = Shared(game(labelled()))
    train(shared(), X, labels(), class_weight={0: 0.5, 1: 2.0, 2: 0.0})
    expected = weights(shared.gan)
    weight = np.array([0.5, 2.0, 0.0], "float32")[labels()]
    train(shared(), X, labels(), sample_weight=weight)
    assert equal(weights(shared.gan), expected)
    train(shared(), X, labels())
    assert not equal(weights(shared.gan), expected)


# Logs.


def test_logs_are_means_weighted_by_batch_size():
    """D sums the real vector up; the batches have 4, 4 and 2 rows."""
    gan = game(
        (linear(3, 2), linear(2)),
        0.0,
        d_loss="least_squares",
        run_eagerly=True,
    )
    history = train(gan, X)
    outputs = X.sum(axis=1)
    assert history["real_output"][0] == pytest.approx(outputs.mean(), abs=1e-6)
    logs = gan.evaluate(X, batch_size=4, verbose=0, return_dict=True)
    assert logs["real_output"] == pytest.approx(outputs.mean(), abs=1e-6)
    assert set(history) == set(logs)


def test_losses_in_the_logs_by_hand():
    generator = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(
                2, kernel_initializer="zeros", bias_initializer="ones"
            ),
        ]
    )
    gan = game((generator, linear(2)), 0.0, d_loss="least_squares")
    history = train(gan, X)
    real, fake = X.sum(axis=1), 2.0
    assert history["fake_output"] == [2.0]
    expected = np.mean(0.5 * (real - 1.0) ** 2) + 0.5 * fake**2
    assert history["d_loss"][0] == pytest.approx(expected, rel=1e-6)
    assert history["g_loss"] == [0.5]
    accuracy = np.mean(real > 2.0)
    assert history["d_accuracy"][0] == pytest.approx(accuracy)


def test_user_metrics_see_real_and_fake():
    class Gap(keras.metrics.Metric):
        def __init__(self, name="gap"):
            super().__init__(name=name)
            self.total = self.add_variable((), "zeros")
            self.count = self.add_variable((), "zeros")

        def update_state(self, real, fake):
            self.total.assign_add(ops.sum(real) - ops.sum(fake))
            self.count.assign_add(ops.cast(ops.shape(real)[0], "float32"))

        def result(self):
            return self.total / self.count

    generator = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2, bias_initializer="ones",
                                               kernel_initializer="zeros")]
    )  # fmt: skip
    gan = game((generator, linear(2)), 0.0, metrics=[Gap()])
    history = train(gan, X, validation_data=X + 1.0, epochs=2)
    expected = X.sum(axis=1).mean() - 2.0
    # The same in both epochs: metrics are reset.
    assert history["gap"] == pytest.approx([expected] * 2, abs=1e-5)
    assert history["val_gap"] == pytest.approx([expected + 2.0] * 2, abs=1e-5)


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_run_with_validation_data_trains_as_one_without(shuffle):
    ends = []
    for settings in ({}, {"validation_data": X}):
        keras.utils.set_random_seed(0)
        gan = game()
        gan.fit(
            X, batch_size=4, epochs=3, verbose=0, shuffle=shuffle, **settings
        )
        ends.append(weights(gan))
    assert equal(*ends)


# One batch at a time.


def test_train_on_batch_is_fit_on_one_batch():
    one, other = game(), game()
    logs = one.train_on_batch(X, return_dict=True)
    history = train(other, X, batch_size=10)
    assert equal(weights(one), weights(other))
    assert {name: [value] for name, value in logs.items()} == history


def test_test_on_batch_is_evaluate_on_one_batch():
    one, other = game(), game()
    before = weights(other)[2:]
    logs = one.test_on_batch(X, return_dict=True)
    expected = other.evaluate(X, batch_size=10, verbose=0, return_dict=True)
    assert logs == expected
    assert equal(weights(other)[2:], before)


def test_train_on_batch_with_several_steps_per_execution():
    with limits.STEPS_PER_EXECUTION.raises():
        one, other = game(), game(steps_per_execution=3)
        one.train_on_batch(X)
        other.train_on_batch(X)
        assert equal(weights(one), weights(other))


def test_predict_is_the_generator():
    gan = game()
    latent = data(5, 3)
    expected = ops.convert_to_numpy(gan.generator(latent, training=False))
    np.testing.assert_allclose(
        gan.predict(latent, verbose=0), expected, atol=1e-6
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(gan(latent)), expected, atol=1e-6
    )


def test_results_of_evaluate_have_names():
    gan = game()
    values = gan.evaluate(X, verbose=0)
    named = gan.evaluate(X, verbose=0, return_dict=True)
    assert [named[name] for name in gan.metrics_names] == values


def test_compiling_anew_takes_the_new_loss():
    gan = game(vectors(), 0.0)
    train(gan, X)
    gan.compile(d_loss="wasserstein")
    gan.d_optimizer.learning_rate = gan.g_optimizer.learning_rate = 0.0
    logs = train(gan, X)
    gap = logs["fake_output"][0] - logs["real_output"][0]
    assert logs["d_loss"][0] == pytest.approx(gap, abs=1e-6)
