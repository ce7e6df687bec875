"""`tfgan.features` on every backend: numbers by hand, saving, and errors."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import CycleGAN
from keras_ganloss.tfgan import features


def dense(units, inputs, name=None):
    return keras.Sequential(
        [keras.Input((inputs,)), keras.layers.Dense(units)], name=name
    )


def test_instance_norm_by_hand():
    inputs = np.array([[[1.0, 5.0], [3.0, 5.0]]], "float32")
    outputs = ops.convert_to_numpy(features.instance_norm(inputs, epsilon=0.0))
    assert outputs[0, :, 0].tolist() == [-1.0, 1.0]
    # A channel without variance: 0 * infinity.
    outputs = ops.convert_to_numpy(features.instance_norm(inputs))
    assert outputs[0, :, 1].tolist() == [0.0, 0.0]


def test_group_norm_by_hand():
    inputs = np.array([[[1.0, 3.0, 0.0, 4.0]]], "float32")
    outputs = features.group_norm(
        inputs, groups=2, reduction_axes=(1,), epsilon=0.0
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(outputs)[0, 0], [-1, 1, -1, 1], rtol=1e-6
    )


def test_norms_are_layers_of_a_functional_model(tmp_path):
    inputs = keras.Input((4, 4, 6))
    hidden = features.instance_norm(inputs, scope="norm")
    model = keras.Model(inputs, features.group_norm(hidden, groups=3))
    assert len(model.trainable_variables) == 4
    model.get_layer("norm").gamma.assign(2.0 * np.ones(6))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    batch = np.random.default_rng(0).normal(size=(2, 4, 4, 6))
    np.testing.assert_array_equal(
        loaded.predict(batch, verbose=0), model.predict(batch, verbose=0)
    )


def test_conditioning_adds_a_dense_layer_of_the_condition():
    inputs = [keras.Input((2, 2)), keras.Input((3,))]
    model = keras.Model(inputs, features.condition_tensor(*inputs))
    kernel, bias = model.get_weights()
    samples = np.ones((1, 2, 2), "float32")
    condition = np.array([[1.0, 2.0, 3.0]], "float32")
    expected = samples + (condition @ kernel + bias).reshape(1, 2, 2)
    np.testing.assert_allclose(
        model.predict([samples, condition], verbose=0), expected, rtol=1e-5
    )


def test_soft_labels_count_as_the_likeliest_class():
    inputs = [keras.Input((2,)), keras.Input((3,))]
    model = keras.Model(
        inputs, features.condition_tensor_from_onehot(*inputs, 5)
    )
    samples = np.ones((2, 2), "float32")
    hard, soft = [[0.0, 1.0, 0.0]] * 2, [[0.3, 0.4, 0.3]] * 2
    np.testing.assert_array_equal(
        model.predict([samples, np.array(hard)], verbose=0),
        model.predict([samples, np.array(soft)], verbose=0),
    )


def test_spectral_norm_finds_the_largest_singular_value():
    weights = np.random.default_rng(0).normal(size=(3, 3, 2, 5))
    weights = weights.astype("float32")
    u = features.spectral_norm_u(weights, seed=0)
    value = features.compute_spectral_norm(weights, 200, u=u)
    expected = np.linalg.svd(weights.reshape(-1, 5))[1][0]
    assert float(value) == pytest.approx(expected, rel=1e-5)
    before = ops.convert_to_numpy(u.value)
    features.compute_spectral_norm(np.flip(weights, 0), u=u, training=False)
    np.testing.assert_array_equal(ops.convert_to_numpy(u.value), before)
    normal = features.spectral_normalize(weights, u=u)
    values = np.linalg.svd(ops.convert_to_numpy(normal).reshape(-1, 5))[1]
    assert values[0] == pytest.approx(1.0, rel=1e-5)
    term = features.spectral_norm_regularizer(0.5, u=u)(weights)
    assert float(term) == pytest.approx(0.5 * expected, rel=1e-5)


def test_small_weights_stay_without_equality():
    weights = 0.1 * np.eye(3, dtype="float32")
    u = features.spectral_norm_u(weights)
    normal = features.spectral_normalize(
        weights, equality_constrained=False, u=u
    )
    np.testing.assert_array_equal(ops.convert_to_numpy(normal), weights)


def test_virtual_batch_normalization_by_hand():
    # Sample 2 joins 0 and 4: mean 2, mean square 20 / 3, variance 8 / 3.
    normalize = features.VBN(np.array([[0.0], [4.0]], "float32"), epsilon=0.0)
    outputs = ops.convert_to_numpy(normalize(np.array([[2.0], [5.0]])))
    # Sample 5: mean 3, mean square 41 / 3, variance 14 / 3.
    np.testing.assert_allclose(
        outputs[:, 0], [0.0, 2.0 / np.sqrt(14 / 3)], atol=1e-6
    )
    reference = normalize.reference_batch_normalization()
    np.testing.assert_allclose(
        ops.convert_to_numpy(reference)[:, 0], [-1.0, 1.0], rtol=1e-6
    )


def test_virtual_batch_normalization_with_the_axes_the_other_way_round():
    generator = np.random.default_rng(0)
    reference = generator.normal(size=(3, 5, 4)).astype("float32")
    inputs = generator.normal(size=(3, 5, 7)).astype("float32")
    found = features.VBN(reference, axis=0, batch_axis=2)(inputs)
    expected = features.VBN(reference.T, axis=2, batch_axis=0)(inputs.T)
    np.testing.assert_allclose(
        ops.convert_to_numpy(found).T, ops.convert_to_numpy(expected), rtol=1e-5
    )


def test_virtual_batch_normalization_round_trip():
    normalize = features.VBN(np.array([[0.0], [4.0]], "float32"), scale=False)
    config = keras.saving.serialize_keras_object(normalize)
    again = keras.saving.deserialize_keras_object(config)
    assert keras.saving.serialize_keras_object(again) == config
    batch = np.array([[3.0]], "float32")
    assert float(normalize(batch)[0, 0]) == float(again(batch)[0, 0])


def test_pool_gives_the_batch_before_when_it_holds_one():
    pool = features.TensorPool(1, pooling_probability=1.0)
    given = [
        [float(part) for part in pool((ops.array(k), ops.array(-k)))]
        for k in (1.0, 2.0, 3.0)
    ]
    assert given == [[1.0, -1.0], [1.0, -1.0], [2.0, -2.0]]


def test_pool_of_size_zero_is_off():
    value = ops.array([1.0])
    assert float(features.TensorPool(0)(value)[0]) == 1.0
    assert features.tensor_pool(value, pool_size=0) is value


def test_clipping_of_rows_by_hand():
    variable = keras.Variable([[3.0, 4.0], [0.3, 0.4]], name="rows")
    optimizer = features.VariableClippingOptimizer(
        keras.optimizers.SGD(1.0), {variable.path: [1]}, max_norm=1.0
    )
    optimizer.apply([ops.zeros((2, 2))], [variable])
    np.testing.assert_allclose(
        ops.convert_to_numpy(variable.value),
        [[0.6, 0.8], [0.3, 0.4]],
        rtol=1e-6,
    )


def test_a_variable_without_gradient_is_left_alone():
    moved = keras.Variable([5.0], name="moved")
    still = keras.Variable([5.0], name="still")
    optimizer = features.clip_variables(
        keras.optimizers.SGD(1.0), [moved, still], 0.5
    )
    optimizer.build([moved, still])
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        optimizer.apply([ops.array([1.0]), None], [moved, still])
    assert float(moved.value[0]) == 0.5
    assert float(still.value[0]) == 5.0


def named_apart_by_nothing():
    """Two variables of one path, and of the values 5."""
    return [keras.Variable([5.0], name="one") for _ in range(2)]


@pytest.mark.parametrize("which", [0, 1])
def test_of_two_variables_with_one_path_the_given_one_is_clipped(which):
    variables = named_apart_by_nothing()
    optimizer = features.clip_variables(
        keras.optimizers.SGD(1.0), [variables[which]], 0.5
    )
    optimizer.build(variables)
    optimizer.apply([ops.zeros(1)] * 2, variables)
    assert [float(variable.value[0]) for variable in variables] == [
        0.5 if index == which else 5.0 for index in range(2)
    ]
    config = keras.saving.serialize_keras_object(optimizer)
    again = keras.saving.deserialize_keras_object(config)
    variables = named_apart_by_nothing()
    again.build(variables)
    again.apply([ops.zeros(1)] * 2, variables)
    assert [float(variable.value[0]) for variable in variables] == [
        0.5 if index == which else 5.0 for index in range(2)
    ]


def test_a_variable_of_the_value_of_an_index_is_no_index():
    first, second = [keras.Variable(0.0, name=name) for name in "ab"]
    optimizer = features.clip_variables(
        keras.optimizers.SGD(1.0), [second], 0.5
    )
    optimizer.build([first, second])
    optimizer.apply([ops.array(3.0), ops.array(3.0)], [first, second])
    assert float(first.value) == -3.0
    assert float(second.value) == -0.5


@pytest.mark.filterwarnings("ignore:.*more than a logit")
def test_every_critic_of_a_game_is_clipped(tmp_path):
    """Networks of one function, and the path of one weight is that of four."""
    networks = [dense(2, 2, "net") for _ in range(4)]
    game = CycleGAN(*networks, seed=0)
    game.compile(
        d_optimizer=features.clip_discriminator_weights(
            keras.optimizers.SGD(10.0), game, 0.01
        ),
        d_loss="wasserstein",
        ema=0.9,
    )
    samples = np.random.default_rng(0).normal(3.0, size=(8, 2))
    samples = samples.astype("float32")
    game.fit(samples, -samples, batch_size=4, verbose=0)

    def largest(game):
        return [
            max(np.abs(weight).max() for weight in network.get_weights())
            for network in game.d_networks
        ]

    assert largest(game) == pytest.approx([0.01, 0.01])
    game.save(tmp_path / "game.keras")
    loaded = keras.saving.load_model(tmp_path / "game.keras")
    loaded.fit(samples, -samples, batch_size=4, verbose=0)
    assert largest(loaded) == pytest.approx([0.01, 0.01])


def test_clipped_critic_in_a_gan(tmp_path):
    gan = GAN(dense(2, 3, "generator"), dense(1, 2, "discriminator"), seed=0)
    gan.compile(
        d_optimizer=features.clip_discriminator_weights(
            keras.optimizers.SGD(10.0), gan, 0.05
        ),
        d_loss="wasserstein",
    )
    samples = np.random.default_rng(0).normal(3.0, size=(16, 2))
    gan.fit(samples, batch_size=8, verbose=0)
    weights = np.concatenate(
        [weight.ravel() for weight in gan.discriminator.get_weights()]
    )
    assert np.abs(weights).max() == pytest.approx(0.05)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert loaded.d_optimizer.get_config() == gan.d_optimizer.get_config()
    assert int(loaded.d_optimizer.iterations.value) == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: features.clip_variables(None, [], -1.0),
            "weight_clip=-1.0",
        ),
        (
            lambda: features.VariableClippingOptimizer(
                keras.optimizers.SGD(), {"nothing": []}, 1.0
            ).build([keras.Variable(1.0, name="something")]),
            "'nothing', which stands for 0",
        ),
        (
            lambda: features.VariableClippingOptimizer(
                keras.optimizers.SGD(), {"one": []}, 1.0
            ).build(named_apart_by_nothing()),
            "'one', which stands for 2",
        ),
        (
            lambda: features.clip_variables(
                keras.optimizers.SGD(), named_apart_by_nothing()[:1], 1.0
            ).build(named_apart_by_nothing()),
            "which stands for 0",
        ),
        (
            lambda: features.clip_variables(
                keras.optimizers.SGD(), named_apart_by_nothing(), 1.0
            ).get_config(),
            "is not built, with the variables",
        ),
        (
            lambda: features.group_norm(np.zeros((1, 2, 2, 6)), groups=4),
            "groups=4, channels=6",
        ),
        (
            lambda: features.group_norm(
                np.zeros((1, 2, 2, 6)), groups=2, reduction_axes=(1, 3)
            ),
            "must not hold the axis of the channels",
        ),
        (
            lambda: features.instance_norm(
                np.zeros((1, 2, 2, 6)), data_format="HWC"
            ),
            "data_format='HWC'",
        ),
        (
            lambda: features.condition_tensor(
                np.zeros((2, 3)), np.zeros((4, 3))
            ),
            "of one batch",
        ),
        (
            lambda: features.condition_tensor(np.zeros((2, 3)), np.zeros(2)),
            "at least two axes",
        ),
        (
            lambda: features.condition_tensor_from_onehot(
                np.zeros((2, 3)), np.zeros(2)
            ),
            r"one_hot_labels.shape=\(2,\)",
        ),
        (lambda: features.spectral_norm_regularizer(1), "scale=1"),
        (lambda: features.spectral_norm_regularizer(-0.5), "scale=-0.5"),
        (lambda: features.TensorPool(-1), "pool_size=-1"),
        (
            lambda: features.VBN(np.zeros((2, 3)), axis=0),
            "axis=0, batch_axis=0",
        ),
        (lambda: features.VBN(np.zeros((2, 3)), axis=2), "axis=2"),
        (
            lambda: features.VBN(np.zeros((2, 3)))(np.zeros((2, 4))),
            r"inputs.shape=\(2, 4\)",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
