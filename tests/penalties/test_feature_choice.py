"""Which features are matched, and how their distances are put together."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import SupervisedGAN
from keras_ganloss import networks
from keras_ganloss.layers import InstanceNormalization
from keras_ganloss.layers import WeightNormalization
from keras_ganloss.penalties import Every
from keras_ganloss.penalties import FeatureMatching
from keras_ganloss.utils.features import HIDDEN
from keras_ganloss.utils.features import with_features
from tests.helpers.networks import sgd

RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(2, 6, 3)).astype("float32")
FIRST, SECOND, LAST = (
    RANDOM.normal(size=shape).astype("float32")
    for shape in ((3, 4), (4, 5), (5, 1))
)


def functional():
    inputs = keras.Input((3,))
    x = layers.Dense(4, use_bias=False, name="first")(inputs)
    x = layers.LeakyReLU(0.1, name="rectified")(x)
    x = layers.Dense(5, use_bias=False, activation="tanh", name="second")(x)
    outputs = layers.Dense(1, use_bias=False, name="last")(x)
    network = keras.Model(inputs, outputs)
    network.set_weights([FIRST, SECOND, LAST])
    return network


def pencil(samples):
    """What the networks here compute: two features and the logits."""
    first = samples @ FIRST
    first = np.where(first > 0, first, 0.1 * first)
    second = np.tanh(first @ SECOND)
    return [first, second, second @ LAST]


@keras.saving.register_keras_serializable(package="test_feature_choice")
class Subclassed(keras.Model):
    """The same, returning logits and features."""

    def __init__(self, form="pair", **kwargs):
        super().__init__(**kwargs)
        self.form = form
        self.kernels = [
            self.add_weight(kernel.shape, lambda *_, k=kernel, **__: k)
            for kernel in (FIRST, SECOND, LAST)
        ]
        self.built = True

    def call(self, x):
        first = ops.leaky_relu(x @ self.kernels[0], 0.1)
        second = ops.tanh(first @ self.kernels[1])
        logits = second @ self.kernels[2]
        if self.form == "pair":
            return logits, [first, second]
        if self.form == "dict":
            return {"logits": logits, "features": (first, second)}
        return logits

    def get_config(self):
        return {"form": self.form, **super().get_config()}


def same():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(3)])
    model.set_weights([np.eye(3), np.zeros(3)])
    return model


def game(penalty, discriminator=None, logits=None, **settings):
    gan = SupervisedGAN(
        same(), discriminator or functional(), conditional=False, logits=logits
    )
    gan.compile(sgd(0.1), sgd(0.1), g_penalties=[penalty], **settings)
    return gan


def term(*args, **kwargs):
    logs = game(*args, **kwargs).evaluate(X, Y, verbose=0, return_dict=True)
    return logs["feature_matching"]


def mae(one, other):
    return np.mean(np.abs(one - other))


@pytest.mark.parametrize("combine", ["sum", "mean"])
@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("which, num", [("all", 3), ("hidden", 2)])
def test_all_and_hidden(which, num, relative, combine):
    penalty = FeatureMatching(
        which, 2.0, "mae", relative=relative, combine=combine
    )
    # HiFi-GAN has the logits, too; EnCodec divides by the mean |real|.
    expected = sum(
        mae(real, fake) / (np.mean(np.abs(real)) if relative else 1.0)
        for real, fake in zip(pencil(Y)[:num], pencil(X))
    )
    expected /= num if combine == "mean" else 1
    assert term(penalty) == pytest.approx(2.0 * expected, rel=1e-5)


def test_relative_does_not_depend_on_the_scale():
    found = []
    for factor in (1.0, 50.0):
        network = functional()
        network.get_layer("last").set_weights([factor * LAST])
        penalty = FeatureMatching(["last"], 1.0, "mae", relative=True)
        found.append(term(penalty, network))
    assert found[0] == pytest.approx(found[1], rel=1e-5)


def test_features_that_are_zero_on_real_samples_do_not_count():
    inputs = keras.Input((3,))
    dead = layers.Dense(4, "relu", name="dead")(inputs)
    alive = layers.Dense(1, name="alive")(inputs)
    network = keras.Model(inputs, layers.Dense(1)(dead) + alive)
    kernel = -10.0 * np.ones((3, 4))
    network.get_layer("dead").set_weights([kernel, np.zeros(4)])
    real, fake = np.abs(Y), -np.abs(X)
    both, alone = [
        game(
            FeatureMatching(names, 1.0, "mae", relative=True), network
        ).evaluate(fake, real, verbose=0, return_dict=True)
        for names in (["dead", "alive"], ["alive"])
    ]
    assert np.isfinite(alone["feature_matching"])
    assert both["feature_matching"] == pytest.approx(
        alone["feature_matching"], rel=1e-6
    )


def test_gradient_of_relative_features():
    """The scale is a constant, and the discriminator learns nothing of it."""
    penalty = FeatureMatching(["first"], 1.0, "mae", relative=True)
    gan = game(
        penalty,
        loss_weights={"adversarial": 0.0},
        d_loss=lambda real_output, fake_output: 0.0 * real_output,
        g_loss=lambda fake_output: -fake_output,
    )
    gan.fit(X, Y, batch_size=6, verbose=0)
    signs = np.sign(X @ FIRST - Y @ FIRST)
    slope = np.mean(signs @ FIRST.T, axis=0) / 4
    slope /= np.mean(np.abs(Y @ FIRST))
    np.testing.assert_allclose(
        gan.generator.get_weights()[1], -0.1 * slope, rtol=1e-4, atol=1e-6
    )
    np.testing.assert_array_equal(gan.discriminator.get_weights()[0], FIRST)


@pytest.mark.parametrize(
    "form, logits, names",
    [
        ("pair", 0, [1]),
        ("pair", 0, ["1"]),
        ("pair", 0, [-1]),
        ("dict", "logits", ["features"]),
    ],
)
def test_outputs_of_subclassed_discriminators(form, logits, names):
    penalty = FeatureMatching(names, 2.0, "mae")
    expected = sum(map(mae, pencil(Y)[:2], pencil(X)))
    found = term(penalty, Subclassed(form), logits)
    assert found == pytest.approx(2.0 * expected, rel=1e-5)


def test_outputs_of_functional_discriminators():
    network = functional()
    inner = network.get_layer("rectified").output
    network = keras.Model(
        network.input, {"logits": network.output, "features": inner}
    )
    expected = [mae(*pair) for pair in zip(pencil(Y), pencil(X))]
    for names, which in (
        (["features"], [0]),
        (["features", "second"], [0, 1]),
        ([0], [0]),
    ):
        found = term(FeatureMatching(names, 1.0, "mae"), network, "logits")
        assert found == pytest.approx(sum(expected[i] for i in which), rel=1e-5)


def test_of_networks_inside():
    inputs = keras.Input((3,))
    parts = [functional(), functional()]
    parts[1].get_layer("last").set_weights([2.0 * LAST])
    heads = [
        keras.Model(part.inputs, part.outputs, name=name)(inputs)
        for name, part in zip(("one", "two"), parts)
    ]
    network = keras.Model(inputs, heads)
    first, second, logits = [mae(*pair) for pair in zip(pencil(Y), pencil(X))]
    hidden = 2 * first + 2 * second
    assert term(FeatureMatching("hidden", 1.0, "mae"), network) == (
        pytest.approx(hidden, rel=1e-5)
    )
    assert term(FeatureMatching("all", 1.0, "mae"), network) == (
        pytest.approx(hidden + 3 * logits, rel=1e-5)
    )


def shapes(network):
    features = with_features(network, (HIDDEN,)).output[1]
    return [tuple(x.shape[1:]) for x in keras.tree.flatten(features)]


def test_what_counts_as_hidden():
    sample, label = keras.Input((8, 8, 1)), keras.Input((3,))
    x = layers.AveragePooling2D(2)(sample)  # No layer has seen it yet.
    x = WeightNormalization(layers.Conv2D(4, 3))(x)
    x = layers.LeakyReLU()(InstanceNormalization()(x))
    y = layers.Conv2D(5, 1, use_bias=False)(x)
    z = layers.Conv2D(5, 1, use_bias=False)(x)  # The same feature.
    x = ops.leaky_relu(y + z)  # An operation that is no layer.
    x = layers.Flatten()(x)
    x = layers.Concatenate()([x, layers.Dense(2)(label)])
    network = keras.Model([sample, label], layers.Dense(1)(x))
    assert shapes(network) == [(2, 2, 4), (2 * 2 * 5 + 2,)]


def test_the_feature_maps_of_hifi_gan():
    """Its `fmap`: what each convolution returns after its activation."""
    network = networks.PeriodDiscriminator((60, 1), (2, 3), 1)
    expected = [
        tuple(network.get_layer(f"period_{p}_activation_{i}").output.shape[1:])
        for p in (2, 3)
        for i in (1, 2, 3, 4, 5)
    ]
    assert sorted(shapes(network)) == sorted(expected)


def test_of_a_discriminator_of_one_layer():
    network = keras.Sequential(
        [keras.Input((3,)), layers.Dense(1, use_bias=False)]
    )
    network.set_weights([LAST[:3]])
    found = term(FeatureMatching("all", 1.0, "mae"), network)
    assert found == pytest.approx(mae(Y @ LAST[:3], X @ LAST[:3]), rel=1e-5)
    with pytest.raises(
        ValueError, match="no layer behind another.*layers='hidden'"
    ):
        game(FeatureMatching("hidden"), network)


@pytest.mark.parametrize(
    "make, logits, settings",
    [
        (functional, None, {"layers": "all"}),
        (lambda: Subclassed("pair"), 0, {"layers": [1]}),
    ],
)
def test_is_saved(tmp_path, make, logits, settings):
    penalty = FeatureMatching(
        weight=2.0, distance="mae", relative=True, combine="mean", **settings
    )
    gan = game(Every(penalty, 2), make(), logits, ema=0.9)
    gan.fit(X, Y, batch_size=3, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert again.g_penalties[0].penalty.get_config() == penalty.get_config()
    assert repr(again.g_penalties[0]) == repr(gan.g_penalties[0])
    ends = [
        one.fit(X, Y, batch_size=3, verbose=0, shuffle=False).history
        for one in (gan, again)
    ]
    assert ends[0] == ends[1]


def test_unknown_names_are_refused_in_compile():
    message = r"names of layers.*layers='other', outputs called \['last'\]"
    with pytest.raises(ValueError, match=message):
        game(FeatureMatching(["second", "other"]))
    for which in ("all", "hidden"):
        with pytest.raises(ValueError, match="layers of a subclassed network"):
            game(FeatureMatching(which), Subclassed("pair"), 0)


def test_unknown_outputs_are_refused_in_the_first_step():
    gan = game(FeatureMatching(["features"]), Subclassed("pair"), 0)
    message = r"subclassed network layers are not known.*called \['0', '1'\]"
    with pytest.raises(ValueError, match=message):
        gan.fit(X, Y, verbose=0)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"layers": "every"}, r"list of names.*Received: layers='every'"),
        ({"layers": []}, r"list of names.*Received: layers=\[\]"),
        ({"layers": [True]}, r"list of names.*Received: layers=\[True\]"),
        ({"layers": [None]}, "list of names"),
        ({"layers": "all", "combine": "max"}, "combine='max'"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        FeatureMatching(**settings)
