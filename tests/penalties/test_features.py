"""Feature matching, on features known by hand."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import ACGAN
from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss import distances
from keras_ganloss.layers import BatchNormalization
from keras_ganloss.models import BiGAN
from keras_ganloss.penalties import Distance
from keras_ganloss.penalties import Every
from keras_ganloss.penalties import FeatureMatching
from keras_ganloss.penalties import distance_of_means
from keras_ganloss.penalties import features
from keras_ganloss.utils.features import with_features

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(8, 3)).astype("float32")
Y = RANDOM.normal(size=(8, 2)).astype("float32")
INNER = RANDOM.normal(size=(2, 4)).astype("float32")


def dense(num_inputs, num_outputs, name=None):
    return keras.Sequential(
        [keras.Input((num_inputs,)), layers.Dense(num_outputs)], name=name
    )


def critic(inner=None):
    """Of two linear layers; `inner` has the features `sample @ INNER`."""
    network = keras.Sequential(
        [
            keras.Input((2,)),
            inner or layers.Dense(4, use_bias=False, name="inner"),
            layers.Dense(
                1,
                name="outer",
                kernel_initializer=keras.initializers.GlorotUniform(seed=0),
            ),
        ]
    )
    if inner is None:
        network.layers[0].set_weights([INNER])
    return network


def make_gan(*g_penalties, discriminator=None, **settings):
    keras.utils.set_random_seed(0)
    gan = GAN(dense(3, 2), discriminator or critic(), seed=0)
    gan.compile(
        **{
            "d_optimizer": keras.optimizers.SGD(0.0),
            "g_optimizer": keras.optimizers.SGD(0.1),
            "g_penalties": g_penalties,
            **settings,
        }
    )
    return gan


def make_supervised(*g_penalties, **settings):
    keras.utils.set_random_seed(0)
    gan = SupervisedGAN(dense(3, 2), critic(), conditional=False, seed=0)
    gan.compile(g_penalties=g_penalties, **settings)
    return gan


def term(gan, name, *data):
    return gan.evaluate(*data, verbose=0, return_dict=True)[name]


def test_distance_of_means_by_hand():
    real = np.array([[1.0, 5.0], [3.0, 5.0]], "float32")
    fake = np.array([[0.0, 2.0], [0.0, 4.0]], "float32")
    found = distance_of_means(*map(ops.convert_to_tensor, (real, fake)))
    assert float(found) == pytest.approx(2.0**2 + 2.0**2)


def test_feature_matching_by_hand():
    gan = make_supervised(FeatureMatching(["inner", "outer"], 3.0))
    fake = gan.predict(X, verbose=0)
    outer, bias = gan.discriminator.layers[1].get_weights()
    inner = (Y - fake).mean(axis=0) @ INNER
    expected = 3.0 * (np.sum(inner**2) + np.sum((inner @ outer) ** 2))
    found = term(gan, "feature_matching", X, Y)
    assert found == pytest.approx(expected, rel=1e-4)


def test_features_of_pairs_by_hand():
    """Those of a distance that looks through the same layer are the same."""
    seen = distances.Perceptual(features(critic(), ["inner"]), distance="mae")
    gan = make_supervised(
        Distance(seen, 2.0),
        FeatureMatching(["inner"], 2.0, distance="mae"),
        FeatureMatching(
            ["inner"], 2.0, keras.losses.MeanSquaredError(), name="squared"
        ),
    )
    difference = (gan.predict(X, verbose=0) - Y) @ INNER
    logs = gan.evaluate(X, Y, verbose=0, return_dict=True)
    size = 2.0 * np.mean(np.abs(difference))
    assert logs["distance"] == pytest.approx(size, rel=1e-5)
    assert logs["feature_matching"] == pytest.approx(size, rel=1e-5)
    assert logs["squared"] == pytest.approx(
        2.0 * np.mean(difference**2), rel=1e-5
    )


def test_gradient_by_hand():
    """Of the bias of the generator, and of nobody else."""
    gan = make_supervised(
        FeatureMatching(["inner"], 1.0),
        loss_weights={"adversarial": 0.0},
        g_optimizer=keras.optimizers.SGD(0.1),
        d_optimizer=keras.optimizers.SGD(0.0),
    )
    fake = gan.predict(X, verbose=0)
    before = gan.discriminator.get_weights()
    gan.fit(X, Y, batch_size=8, verbose=0)
    gradient = 2.0 * (fake - Y).mean(axis=0) @ INNER @ INNER.T
    np.testing.assert_allclose(
        gan.generator.get_weights()[1], -0.1 * gradient, rtol=1e-4, atol=1e-6
    )
    for one, other in zip(gan.discriminator.get_weights(), before):
        np.testing.assert_array_equal(one, other)


@keras.saving.register_keras_serializable(package="test_features")
class Counting(layers.Dense):
    """Counts the calls that compute something."""

    calls = 0

    def call(self, inputs, training=None):
        Counting.calls += 1
        return super().call(inputs)


def test_fakes_pass_the_discriminator_once():
    num_calls = []
    for penalties in ([], [FeatureMatching(["inner"])]):
        inner = Counting(4, name="inner")
        gan = make_gan(
            *penalties, discriminator=critic(inner), run_eagerly=True
        )
        Counting.calls = 0
        gan.gradients_are_checked = True  # Which calls networks, too.
        gan.fit(Y, batch_size=8, verbose=0)
        num_calls.append(Counting.calls)
    # Real and fake in the one turn, fake in the other; real for features.
    assert num_calls == [3, 4]


def test_moving_statistics_stay():
    """What the generator's turn looks at is not the discriminator's."""
    ends = []
    for penalties in ([], [FeatureMatching(["inner"])]):
        gan = make_gan(
            *penalties,
            discriminator=critic(BatchNormalization(name="inner")),
        )
        gan.fit(Y, batch_size=8, verbose=0)
        ends.append(gan.discriminator.get_weights())
    for one, other in zip(*ends):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("updates", ["simultaneous", "alternating"])
def test_every_other_step(updates):
    lazy = Every(FeatureMatching(["inner"], 0.1), 2)
    gan = make_gan(lazy, updates=updates)
    history = gan.fit(Y, batch_size=4, verbose=0, shuffle=False).history
    # It is due at the first of two steps, and counts twice there.
    twice = make_gan(FeatureMatching(["inner"], 0.2), updates=updates)
    found = twice.fit(Y[:4], batch_size=4, verbose=0).history
    assert history["feature_matching"][0] == pytest.approx(
        found["feature_matching"][0] / 2, rel=1e-4
    )


def test_several_discriminators_and_conditions():
    latent, label = keras.Input((3,)), keras.Input((1,))
    both = layers.Concatenate()([latent, label])
    generator = keras.Model([latent, label], layers.Dense(2)(both))
    sample, label = keras.Input((2,)), keras.Input((1,))
    hidden = layers.Concatenate()([sample, label])
    hidden = layers.Dense(4, name="inner")(hidden)
    outputs = {
        "one": layers.Dense(1)(hidden),
        "other": layers.Dense(1)(hidden),
    }
    gan = GAN(generator, keras.Model([sample, label], outputs), seed=0)
    gan.compile(g_penalties=[FeatureMatching(["inner"])])
    labels = np.ones((8, 1), "float32")
    turn = gan.turn("discriminator", "generator", training=False)
    samples = turn.draw((Y, labels))
    fake = ops.convert_to_numpy(samples.fake)
    kernel = gan.discriminator.get_layer("inner").get_weights()[0]
    expected = np.sum(((Y - fake).mean(axis=0) @ kernel[:2]) ** 2)
    _, logs = gan.objectives(turn)
    found = float(ops.convert_to_numpy(logs["feature_matching"]))
    assert found == pytest.approx(expected, rel=1e-4)


def test_a_discriminator_of_pairs():
    """Features are those of samples with codes, and of fakes with latents."""
    sample, latent = keras.Input((2,)), keras.Input((3,))
    hidden = layers.Concatenate()([sample, latent])
    hidden = layers.Dense(4, use_bias=False, name="inner")(hidden)
    pairs = keras.Model([sample, latent], layers.Dense(1)(hidden))
    gan = BiGAN(dense(3, 2), dense(2, 3), pairs, seed=0)
    gan.compile(g_penalties=[FeatureMatching(["inner"])])
    turn = gan.turn("discriminator", "generator", training=False)
    turn.draw((Y,))
    _, logs = gan.objectives(turn)
    extras = turn.samples.extras
    real, fake = (
        np.concatenate(list(map(ops.convert_to_numpy, pair)), axis=1)
        for pair in (
            (turn.samples.real, extras["code"]),
            (turn.samples.fake, extras["latent"]),
        )
    )
    kernel = pairs.get_layer("inner").get_weights()[0]
    expected = np.sum(((real - fake).mean(axis=0) @ kernel) ** 2)
    found = float(ops.convert_to_numpy(logs["feature_matching"]))
    assert found == pytest.approx(expected, rel=1e-4)


def test_a_discriminator_with_a_head():
    latent, label = keras.Input((3,)), keras.Input((), dtype="int32")
    both = layers.Concatenate()([latent, layers.Embedding(3, 2)(label)])
    generator = keras.Model([latent, label], layers.Dense(2)(both))
    sample = keras.Input((2,))
    hidden = layers.Dense(4, name="inner")(sample)
    outputs = [layers.Dense(1)(hidden), layers.Dense(3)(hidden)]
    ends = []
    for penalties in ([], [FeatureMatching(["inner"])]):
        gan = ACGAN(generator, keras.Model(sample, outputs), seed=0)
        gan.compile(g_penalties=penalties)
        labels = np.arange(8) % 3
        ends.append(gan.evaluate(Y, labels, verbose=0, return_dict=True))
    matching = ends[1].pop("feature_matching")
    assert matching > 0.0
    ends[0]["g_loss"] += matching
    assert ends[1] == pytest.approx(ends[0], rel=1e-5)


def test_the_network_is_saved_and_not_trained(tmp_path):
    network = features(critic(), ["inner"])
    seen = distances.Perceptual(network, distance="mse")
    gan = make_supervised(Distance(seen, name="seen"), ema=0.5)
    gan.fit(X, Y, batch_size=4, verbose=0)
    np.testing.assert_array_equal(network.get_weights()[0], INNER)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    loaded = again.g_penalties[0].distance.network
    np.testing.assert_array_equal(loaded.get_weights()[0], INNER)
    assert term(again, "seen", X, Y) == term(gan, "seen", X, Y)
    for one in (gan, again):
        one.fit(X, Y, batch_size=4, verbose=0, shuffle=False)
    for one, other in zip(gan.get_weights(), again.get_weights()):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(loaded.get_weights()[0], INNER)


def test_layers_of_the_loaded_discriminator(tmp_path):
    gan = make_gan(FeatureMatching(["inner"]))
    gan.fit(Y, batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert again.g_penalties[0].distance is distance_of_means
    ends = [
        one.fit(Y, batch_size=4, verbose=0, shuffle=False).history
        for one in (gan, again)
    ]
    assert ends[0] == ends[1]


def test_a_loaded_network_calls_its_layers_once(tmp_path):
    """Keras calls the layers of a sequential one twice when it loads it."""
    critic().save(tmp_path / "critic.keras")
    again = keras.saving.load_model(tmp_path / "critic.keras")
    calls = []
    with_both = with_features(again, ("inner", "outer"))
    for layer in again.layers:
        call = layer.call

        def counted(inputs, call=call, name=layer.name):
            calls.append(name)
            return call(inputs)

        layer.call = counted
    output, (inner, outer) = with_both(ops.convert_to_tensor(Y))
    assert calls == ["inner", "outer"]
    np.testing.assert_allclose(
        ops.convert_to_numpy(inner), Y @ INNER, rtol=1e-5, atol=1e-6
    )
    assert output is outer


def test_features_of_a_network_with_shared_layers():
    """Another network has called the same layer before."""
    layer = layers.Dense(1, name="shared")
    keras.Sequential([keras.Input((2,)), layer])
    inputs = keras.Input((2,))
    shared = layer(inputs)
    network = keras.Model(inputs, 3.0 * shared)
    found = features(network, ["shared"])(ops.convert_to_tensor(Y))
    expected = Y @ ops.convert_to_numpy(layer.kernel)
    np.testing.assert_allclose(
        ops.convert_to_numpy(found), expected, rtol=1e-5, atol=1e-6
    )


def test_features_of_a_network():
    network = features(critic(), ["inner", "outer"])
    inner, outer = network.predict(Y, verbose=0)
    np.testing.assert_allclose(inner, Y @ INNER, rtol=1e-5, atol=1e-6)
    assert outer.shape == (8, 1)


def nested():
    """Two linear critics inside, whose layers have the same names."""

    def part(name, inner):
        x = keras.Input((2,))
        hidden = layers.Dense(4, use_bias=False, name="h")
        part = keras.Model(
            x, layers.Dense(1, name="post")(hidden(x)), name=name
        )
        hidden.set_weights([inner])
        return part

    x = keras.Input((2,))
    parts = [part("a", INNER), part("b", 2.0 * INNER)]
    deeper = keras.Sequential([keras.Input((2,)), parts[1]], name="deeper")
    return keras.Model(x, [parts[0](x), deeper(x)])


@pytest.mark.parametrize(
    "names, factor",
    [(["h"], 3.0), (["a/h"], 1.0), (["deeper/b/h"], 2.0), (["b/h"], 2.0)],
)
def test_layers_of_networks_inside(names, factor):
    """Mean absolute features are `factor` times those of the first."""
    penalty = FeatureMatching(names, distance="mae")
    gan = SupervisedGAN(dense(3, 2), nested(), conditional=False, seed=0)
    gan.compile(g_penalties=[penalty])
    fakes = ops.convert_to_numpy(gan.generator(X))
    expected = factor * np.abs((Y - fakes) @ INNER).mean()
    found = term(gan, "feature_matching", X, Y)
    assert found == pytest.approx(expected, rel=1e-5)
    weights = [ops.convert_to_numpy(w) for w in gan.discriminator.weights]
    gan.fit(X, Y, verbose=0)  # It trains, and returns what it returned.
    assert any(
        np.any(w != ops.convert_to_numpy(v))
        for w, v in zip(weights, gan.discriminator.weights)
    )
    assert len(gan.discriminator(Y)) == 2


def test_what_is_refused():
    message = (
        r"`layers` must be names of layers.*\['inner', 'outer'\].*Received"
    )
    with pytest.raises(ValueError, match=message):
        features(critic(), ["hidden"])
    with pytest.raises(ValueError, match=message):
        make_gan(FeatureMatching(["hidden"]))
    with pytest.raises(ValueError, match="must be a list of names"):
        FeatureMatching("inner")
    with pytest.raises(ValueError, match="Could not interpret"):
        FeatureMatching(["inner"], distance="far")
