"""R1 and R2 at inner features, against closed forms."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import transforms
from keras_ganloss.game import Duel
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import R2
from keras_ganloss.penalties import Every
from keras_ganloss.penalties import FeatureMatching
from tests.helpers.networks import conditional
from tests.helpers.networks import sgd
from tests.helpers.penalty_cases import of_critic
from tests.helpers.turns import make_turn

RANDOM = np.random.default_rng(0)
REAL, FAKE = RANDOM.normal(size=(2, 6, 3)).astype("float32")


def critic(activation="tanh", dtype=None):
    """`D(x) = v . tanh(W x + b)`, whose inner layer is `inner`."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((3,))
    inner = layers.Dense(4, name="inner", dtype=dtype)(inputs)
    hidden = layers.Activation(activation, name="hidden", dtype=dtype)(inner)
    outer = layers.Dense(1, name="outer", dtype=dtype)(hidden)
    return keras.Model(inputs, outer)


def pencil(network, samples, layer, weight=1.0):
    """Half the mean squared norm of the gradient by what a layer returns."""
    (kernel, bias), (outer, _) = [
        network.get_layer(name).get_weights() for name in ("inner", "outer")
    ]
    inner = samples @ kernel + bias
    gradient = {
        "hidden": np.broadcast_to(outer[:, 0], inner.shape),
        "inner": outer[:, 0] * (1 - np.tanh(inner) ** 2),
    }[layer]
    return 0.5 * weight * np.mean(np.sum(gradient**2, axis=1))


@pytest.mark.parametrize("layer", ["inner", "hidden"])
@pytest.mark.parametrize("make, samples", [(R1, REAL), (R2, FAKE)])
def test_closed_form(make, samples, layer):
    network = critic()
    found = of_critic(make(3.0, at=[layer]), network, REAL, FAKE)
    expected = pencil(network, samples, layer, 3.0)
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_squares_are_added_up_over_layers():
    network = critic()
    found = of_critic(R1(1.0, at=["hidden", "inner"]), network, REAL, FAKE)
    expected = sum(pencil(network, REAL, one) for one in ("hidden", "inner"))
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_the_gradient_by_the_weights():
    """A step along it, against differences of the closed form."""
    network = critic()
    penalty = R1(1.0, at=["inner"])
    gan = GAN(keras.Sequential([keras.Input((2,)), layers.Dense(3)]), network)
    gan.compile(
        sgd(1e-2),
        sgd(0.0),
        d_loss=lambda real_output, fake_output: 0.0 * real_output,
        g_loss=lambda fake_output: -fake_output,
        penalties=[penalty],
    )
    before = network.get_weights()

    step = 1e-3
    slopes = []
    for place, weight in enumerate(before):
        slope = np.zeros_like(weight, "float64")
        for index in np.ndindex(weight.shape):
            ends = []
            for sign in (1, -1):
                moved = [one.astype("float64") for one in before]
                moved[place][index] += sign * step
                ends.append(exact(moved))
            slope[index] = (ends[0] - ends[1]) / (2 * step)
        slopes.append(slope)
    gan.fit(REAL, batch_size=6, verbose=0)
    for one, other, slope in zip(before, network.get_weights(), slopes):
        np.testing.assert_allclose(other - one, -1e-2 * slope, atol=2e-6)


def exact(weights):
    """The closed form at `inner`, in float64."""
    kernel, bias, outer, _ = weights
    inner = REAL.astype("float64") @ kernel + bias
    gradient = outer[:, 0] * (1 - np.tanh(inner) ** 2)
    return 0.5 * np.mean(np.sum(gradient**2, axis=1))


def nested():
    """Two linear-tanh critics inside, of layers of the same names."""

    def part(name):
        x = keras.Input((3,))
        inner = layers.Dense(4, name="inner")(x)
        hidden = layers.Activation("tanh", name="hidden")(inner)
        outer = layers.Dense(1, name="outer")(hidden)
        return keras.Model(x, outer, name=name)

    x = keras.Input((3,))
    parts = [part("one"), part("two")]
    return keras.Model(x, [one(x) for one in parts]), parts


@pytest.mark.parametrize(
    "at, which",
    [
        (["two/inner"], [1]),
        (["inner"], [0, 1]),
        (["two/inner", "one/inner"], [0, 1]),
        (["inner", "two/inner"], [0, 1, 1]),
    ],
)
def test_layers_of_networks_inside(at, which):
    network, parts = nested()
    found = of_critic(R1(2.0, at=at), network, REAL, FAKE)
    expected = sum(pencil(parts[i], REAL, "inner", 2.0) for i in which)
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_patches_and_conditions_of_any_size():
    sample, label = keras.Input((None, 1)), keras.Input((2,))
    maps = layers.Conv1D(2, 3, name="maps", padding="same")(sample)
    wide = layers.RepeatVector(1)(layers.Dense(2, use_bias=False)(label))
    outer = layers.Conv1D(1, 1, use_bias=False, name="outer")
    network = keras.Model([sample, label], outer(maps + wide))
    real = RANDOM.normal(size=(3, 5, 1)).astype("float32")
    labels = np.eye(2)[[0, 1, 1]].astype("float32")
    turn = make_turn([network])
    real, labels = map(ops.convert_to_tensor, (real, labels))
    judge = turn.judge(network, labels)
    found = R1(2.0, at=["maps"])(turn, Duel(judge, real, real))
    # The sum of the logits of all five patches.
    (kernel,) = network.get_layer("outer").get_weights()
    assert float(found) == pytest.approx(5 * np.sum(kernel**2), rel=1e-5)


@keras.saving.register_keras_serializable(package="test_layer_gradients")
class Counting(layers.Dense):
    """Counts the calls that compute something."""

    calls = 0

    def call(self, inputs, training=None):
        Counting.calls += 1
        return super().call(inputs)


def counted(*penalties, g_penalties=()):
    """Calls of the discriminator's layer in a step, and the history."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((3,))
    hidden = Counting(4, activation="tanh", name="inner")(inputs)
    network = keras.Model(inputs, layers.Dense(1)(hidden))
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    gan = GAN(generator, network, seed=0)
    gan.compile(
        sgd(0.1),
        sgd(0.1),
        penalties=penalties,
        g_penalties=g_penalties,
        run_eagerly=True,
    )
    gan.gradients_are_checked = True
    gan.fit(REAL, batch_size=6, verbose=0)  # Shapes and models are known.
    Counting.calls = 0
    history = gan.fit(REAL, batch_size=6, verbose=0).history
    return Counting.calls, history


def test_one_pass_serves_the_loss_and_all_penalties():
    calls, history = counted(
        R1(1.0, at=["inner"], name="features"),
        R1(1.0),
        R2(1.0, at=["inner"]),
        g_penalties=[FeatureMatching(["inner"])],
    )
    assert calls == 4  # Real and fake; fake and, for its features, real.
    again, reversed_history = counted(
        R2(1.0, at=["inner"]),
        R1(1.0),
        R1(1.0, at=["inner"], name="features"),
        g_penalties=[FeatureMatching(["inner"])],
    )
    assert again == 4 and reversed_history == history
    # Each is what it is alone, at the first step of the same weights.
    for penalty in (
        R1(1.0, at=["inner"], name="features"),
        R2(1.0, at=["inner"]),
    ):
        network = critic()
        alone = float(of_critic(penalty, network, REAL, FAKE))
        turn = make_turn([network])
        judge = turn.judge(network)
        duel = Duel(judge, *map(ops.convert_to_tensor, (REAL, FAKE)))
        judge.answer(duel.real, True, ("hidden",), ("inner", "hidden"))
        assert float(penalty(turn, duel)) == pytest.approx(alone, rel=1e-6)


def make(*penalties, network=None, **settings):
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    gan = GAN(generator, network or critic(), seed=0)
    gan.compile(sgd(0.1), sgd(0.1), penalties=penalties, **settings)
    return gan


def test_every_other_step():
    lazy = make(Every(R1(1.0, at=["inner"]), 2), ema=0.9)
    history = lazy.fit(REAL, batch_size=3, verbose=0, shuffle=False).history
    twice = make(R1(2.0, at=["inner"]))
    found = twice.fit(REAL[:3], batch_size=3, verbose=0).history
    # It is due at the first of two steps, and counts twice there.
    assert history["r1"][0] == pytest.approx(found["r1"][0] / 2, rel=1e-4)


def test_is_saved(tmp_path):
    gan = make(R1(1.0, at=["inner"]), R2(0.5, at=["hidden"]), ema=0.9)
    gan.fit(REAL, batch_size=3, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert [repr(one) for one in again.penalties] == [
        "R1(weight=1, at=['inner'])",
        "R2(weight=0.5, at=['hidden'])",
    ]
    ends = [
        one.fit(REAL, batch_size=3, verbose=0, shuffle=False).history
        for one in (gan, again)
    ]
    assert ends[0] == ends[1]


def test_conditions_transforms_and_averages():
    generator, network = conditional()
    hidden = next(x.name for x in network.layers if x.name.startswith("dense"))
    gan = GAN(generator, network, seed=0)
    gan.compile(
        sgd(0.1),
        sgd(0.1),
        penalties=[R1(1.0, at=[hidden])],
        transforms=[transforms.InstanceNoise(0.1)],
        ema=0.9,
    )
    samples = RANDOM.normal(size=(8, 2)).astype("float32")
    labels = np.eye(3)[np.arange(8) % 3].astype("float32")
    kernel = network.layers[-1].get_weights()[0]
    logs = gan.evaluate(samples, labels, verbose=0, return_dict=True)
    # The last layer is linear in what the first one returns.
    assert logs["r1"] == pytest.approx(0.5 * np.sum(kernel**2), rel=1e-5)
    gan.fit(samples, labels, batch_size=4, verbose=0)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision(policy):
    network = critic(dtype=policy)
    found = of_critic(R1(1.0, at=["inner"]), network, REAL, FAKE)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    expected = pencil(network, REAL, "inner")
    assert float(found) == pytest.approx(expected, rel=3e-2)


def test_small_gradients_survive_float16():
    network = critic(dtype="mixed_float16")
    for name, factor in (("outer", 2e-7),):
        layer = network.get_layer(name)
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel * factor, bias])
    found = of_critic(R1(1e12, at=["inner"]), network, REAL, FAKE)
    expected = pencil(network, REAL, "inner", 1e12)
    assert float(found) == pytest.approx(expected, rel=0.2)


@pytest.mark.parametrize("at", ["inner", [], [1], ()])
def test_other_lists_are_refused(at):
    with pytest.raises(ValueError, match="list of names.*Received: at="):
        R1(1.0, at=at)


def test_unknown_layers_are_refused():
    with pytest.raises(ValueError, match=r"names of layers.*\['other'\]"):
        make(R1(1.0, at=["other"]))


def test_layers_before_it_are_not_differentiated_twice():
    def network(behind):
        inputs = keras.Input((3,))
        x = layers.Dense(4)(inputs)
        x = layers.BatchNormalization()(x)
        x = layers.Dense(4, name="inner")(x)
        if behind:
            x = layers.BatchNormalization(name="normalization")(x)
        return keras.Model(inputs, layers.Dense(1)(x))

    make(R1(1.0, at=["inner"]), network=network(False))  # Warns of nothing.
    if keras.backend.backend() == "tensorflow":
        with pytest.warns(UserWarning, match="Received: normalization"):
            make(R1(1.0, at=["inner"]), network=network(True))
