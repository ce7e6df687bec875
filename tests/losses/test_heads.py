"""The losses of several heads, against what a pencil says."""

import keras
import numpy as np
import pytest

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss import losses
from keras_ganloss import networks
from keras_ganloss import penalties
from tests.helpers.networks import sgd

# A batch of two samples, and answers that are `x @ [[1, 0], [0, 2]]`.
X = np.array([[1.0, 2.0], [3.0, -1.0]], "float32")
Y = np.array([[0.5, 1.0], [-1.0, 4.0]], "float32")
FAKE = X * [1.0, 2.0]
KERNELS = {"one": [[1.0], [2.0]], "two": [[-1.0], [0.5]], "three": [[3.0], [0]]}
PENCIL = {  # Mean outputs on fakes less those on real samples.
    name: (FAKE.mean(0) - Y.mean(0)) @ np.array(kernel)[:, 0]
    for name, kernel in KERNELS.items()
}


def answers():
    inputs = keras.Input((2,))
    dense = keras.layers.Dense(2, use_bias=False)
    model = keras.Model(inputs, dense(inputs))
    model.set_weights([np.diag([1.0, 2.0])])
    return model


def judge(structure):
    """A linear discriminator that returns what `structure` makes of heads."""
    inputs = keras.Input((2,))
    heads = {
        name: keras.layers.Dense(1, use_bias=False, name=name)(inputs)
        for name in KERNELS
    }
    model = keras.Model(inputs, structure(heads))
    for name, kernel in KERNELS.items():
        model.get_layer(name).set_weights([np.array(kernel)])
    return model


@keras.saving.register_keras_serializable(package="test_heads")
class Subclassed(keras.Model):
    """Returns a pair: a list of three logits, and a feature."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.heads = [
            keras.layers.Dense(1, use_bias=False) for _ in range(len(KERNELS))
        ]

    def build(self, input_shape):
        for layer, kernel in zip(self.heads, KERNELS.values()):
            layer.build(input_shape)
            layer.set_weights([np.array(kernel)])
        self.built = True

    def call(self, x):
        return [layer(x) for layer in self.heads], 1e3 * x


def subclassed():
    model = Subclassed()
    model.build((None, 2))
    return model


def grouped(heads):
    return {"two": heads["two"], "rest": [heads["one"], heads["three"]]}


def game(discriminator, loss, logits=None, **settings):
    gan = SupervisedGAN(
        answers(), discriminator, conditional=False, logits=logits
    )
    settings = {"d_loss": loss, **settings}
    gan.compile(sgd(0.1), sgd(0.0), loss="mse", **settings)
    return gan


def logs_of(*args, **kwargs):
    return game(*args, **kwargs).evaluate(X, Y, verbose=0, return_dict=True)


def heads(weights=None, combine="sum"):
    return losses.Heads(losses.Wasserstein(), weights, combine)


def test_without_weights_all_outputs_are_one_head():
    for combine, divisor in (("sum", 1), ("mean", 3)):
        logs = logs_of(judge(grouped), heads(combine=combine))
        expected = sum(PENCIL.values()) / divisor
        assert logs["d_loss"] == pytest.approx(expected, rel=1e-5)
        assert not any(name.startswith("d_loss_") for name in logs)


@pytest.mark.parametrize("combine", ["sum", "mean"])
def test_weights_and_logs_of_groups(combine):
    rest = (PENCIL["one"] + PENCIL["three"]) / (1 if combine == "sum" else 2)
    logs = logs_of(
        judge(grouped),
        heads({"rest": 0.5, "two": 3.0}, combine),
        loss_weights={"supervised": 0.0, "adversarial": 10.0},
    )
    assert logs["d_loss_two"] == pytest.approx(PENCIL["two"], rel=1e-5)
    assert logs["d_loss_rest"] == pytest.approx(rest, rel=1e-5)
    total = 3.0 * PENCIL["two"] + 0.5 * rest
    assert logs["d_loss"] == pytest.approx(total, rel=1e-5)
    on_fakes = {
        name: -FAKE.mean(0) @ np.array(kernel)[:, 0]
        for name, kernel in KERNELS.items()
    }
    assert logs["g_loss_two"] == pytest.approx(on_fakes["two"], rel=1e-5)
    rest = on_fakes["one"] + on_fakes["three"]
    rest /= 1 if combine == "sum" else 2
    assert logs["g_loss_rest"] == pytest.approx(rest, rel=1e-5)
    expected = 10.0 * (3.0 * on_fakes["two"] + 0.5 * rest)
    assert logs["g_loss"] == pytest.approx(expected, rel=1e-5)


def as_dict(outputs):
    return dict(zip(KERNELS, outputs[0]))


@pytest.mark.parametrize(
    "make, logits, names",
    [
        (lambda: judge(lambda h: list(h.values())), None, list(KERNELS)),
        (lambda: judge(dict), None, list(KERNELS)),
        (lambda: judge(dict), ["three", "one", "two"], list(KERNELS)),
        (lambda: judge(grouped), ["rest", "two"], ["rest", "two", "rest"]),
        (subclassed, 0, ["0", "0", "0"]),
        (subclassed, as_dict, list(KERNELS)),
        (
            subclassed,
            lambda outputs: list(as_dict(outputs).values()),
            ["0", "0", "0"],
        ),
        (
            subclassed,
            lambda outputs: [2.0 * x for x in outputs[0]],
            ["0", "1", "2"],
        ),
    ],
)
def test_where_the_names_come_from(make, logits, names):
    discriminator = make()
    weights = {name: 1.0 + i for i, name in enumerate(dict.fromkeys(names))}
    twice = 2.0 if names == ["0", "1", "2"] else 1.0
    expected = {}
    for name, value in zip(names, PENCIL.values()):
        log = f"d_loss_{name}"
        expected[log] = expected.get(log, 0.0) + twice * value
    logs = logs_of(discriminator, heads(weights), logits)
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, rel=1e-5)
    total = sum(
        weights[n.removeprefix("d_loss_")] * x for n, x in expected.items()
    )
    assert logs["d_loss"] == pytest.approx(total, rel=1e-5)


def test_a_step_moves_each_head_by_its_weight():
    gan = game(judge(grouped), heads({"two": 3.0, "rest": 0.0}))
    history = gan.fit(X, Y, batch_size=2, verbose=0).history
    # The slope of the loss by a kernel is what the means differ by.
    slope = (FAKE.mean(0) - Y.mean(0))[:, None]
    for name, weight in (("one", 0.0), ("two", 3.0), ("three", 0.0)):
        (kernel,) = gan.discriminator.get_layer(name).get_weights()
        expected = np.array(KERNELS[name]) - 0.1 * weight * slope
        np.testing.assert_allclose(kernel, expected, rtol=1e-5, atol=1e-6)
    # A head without a weight is watched still.
    rest = PENCIL["one"] + PENCIL["three"]
    assert history["d_loss_rest"] == pytest.approx([rest], rel=1e-5)


def test_weights_of_samples_and_of_heads():
    gan = game(judge(grouped), heads({"two": 3.0, "rest": 0.5}))
    weight = np.array([2.0, 0.0], "float32")
    logs = gan.evaluate(X, Y, sample_weight=weight, verbose=0, return_dict=True)
    first = {n: ((FAKE - Y)[0] @ np.array(k))[0] for n, k in KERNELS.items()}
    expected = 3.0 * first["two"] + 0.5 * (first["one"] + first["three"])
    assert logs["d_loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda base, **kw: losses.Heads(losses.Relativistic(base), **kw),
        lambda base, **kw: losses.Heads(losses.RelativisticAverage(base), **kw),
        lambda base, **kw: losses.TopK(losses.Heads(base, **kw), 0.5),
        lambda base, **kw: losses.Heads(losses.TopK(base, 0.5), **kw),
        lambda base, **kw: losses.Heads(losses.LabelNoise(base, 0.0), **kw),
        lambda base, **kw: losses.RoleSwapped(losses.Heads(base, **kw)),
    ],
)
def test_losses_that_wrap_others(wrap):
    weights = {"two": 3.0, "rest": 0.5}
    logs = logs_of(judge(grouped), wrap(losses.Logistic(), weights=weights))
    alone = wrap(losses.Logistic())
    for player in ("d", "g"):
        side = getattr(alone, f"{player}_loss")
        values = {
            name: float(side(Y @ np.array(kernel), FAKE @ np.array(kernel)))
            for name, kernel in KERNELS.items()
        }
        rest = values["one"] + values["three"]
        found = logs[f"{player}_loss_two"], logs[f"{player}_loss_rest"]
        assert found == pytest.approx((values["two"], rest), rel=1e-5)


def test_least_squares_of_hifi_gan():
    # Equation 1 and 2 of the paper, without halves and added up over heads.
    outputs = {
        name: (Y @ np.array(kernel), FAKE @ np.array(kernel))
        for name, kernel in KERNELS.items()
    }
    d_loss = sum(
        np.mean((1 - real) ** 2) + np.mean(fake**2)
        for real, fake in outputs.values()
    )
    g_loss = sum(np.mean((1 - fake) ** 2) for _, fake in outputs.values())
    loss = losses.Heads(losses.LeastSquares(), {"two": 2.0, "rest": 2.0})
    logs = logs_of(judge(grouped), loss, loss_weights={"supervised": 0.0})
    assert logs["d_loss"] == pytest.approx(d_loss, rel=1e-5)
    assert logs["g_loss"] == pytest.approx(g_loss, rel=1e-5)


def test_both_players_may_weigh_otherwise():
    logs = logs_of(
        judge(grouped),
        heads({"two": 1.0, "rest": 0.0}),
        g_loss=losses.Wasserstein(),
        loss_weights={"supervised": 0.0},
    )
    assert logs["d_loss"] == pytest.approx(PENCIL["two"], rel=1e-5)
    everything = sum(np.array(kernel)[:, 0] for kernel in KERNELS.values())
    assert logs["g_loss"] == pytest.approx(-FAKE.mean(0) @ everything, rel=1e-5)
    assert "d_loss_two" in logs and "g_loss_two" not in logs


def test_is_saved(tmp_path):
    settings = {
        "penalties": [penalties.R1(0.1)],
        "ema": 0.9,
        "d_steps": 2,
    }
    gan = game(judge(grouped), heads({"two": 3.0, "rest": 0.5}), **settings)
    gan.fit(X, Y, batch_size=1, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert again.d_loss.loss.weights == {"two": 3.0, "rest": 0.5}
    first, second = [
        one.evaluate(X, Y, verbose=0, return_dict=True) for one in (gan, again)
    ]
    assert first == second


def test_of_an_ensemble():
    make = lambda: networks.PatchDiscriminator((16, 1), 2, 1)  # noqa: E731
    both = networks.Ensemble(
        {"mpd": networks.PeriodDiscriminator((16, 1), (2, 3), 1), "a": make()}
    )
    assert {k: len(keras.tree.flatten(v)) for k, v in both.output.items()} == {
        "mpd": 2,
        "a": 1,
    }
    generator = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(16)]
        + [keras.layers.Reshape((16, 1))]
    )
    gan = GAN(generator, both)
    loss = losses.Heads(losses.LeastSquares(), {"mpd": 1.0, "a": 0.1}, "mean")
    gan.compile(d_loss=loss)
    x = np.random.default_rng(0).normal(size=(4, 16, 1)).astype("float32")
    logs = gan.fit(x, batch_size=4, verbose=0).history
    for player in ("d", "g"):
        total = (
            logs[f"{player}_loss_mpd"][0] + 0.1 * logs[f"{player}_loss_a"][0]
        )
        assert logs[f"{player}_loss"][0] == pytest.approx(total, rel=1e-5)


@pytest.mark.parametrize(
    "weights",
    [{"two": 1.0}, {"two": 1.0, "rest": 1.0, "four": 1.0}, {"1": 1.0}],
)
def test_other_heads_are_refused_early(weights):
    message = r"name each head.*Received: weights=.*called \['rest', 'two'\]"
    with pytest.raises(ValueError, match=message):
        game(judge(grouped), heads(weights))


def test_other_heads_are_refused_in_the_first_step():
    gan = game(subclassed(), heads({"mpd": 1.0}), logits=0)
    with pytest.raises(ValueError, match=r"name each head.*called \['0'\]"):
        gan.fit(X, Y, verbose=0)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"weights": {"a": -1.0}}, r"not negative.*weights\['a'\]=-1"),
        ({"weights": {}}, r"dict of the names.*Received: weights=\{\}"),
        ({"weights": [1.0]}, r"dict of the names.*Received: weights=\[1.0\]"),
        ({"weights": {0: 1.0}}, "dict of the names"),
        ({"combine": "max"}, "one of.*Received: combine='max'"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        losses.Heads(**settings)


def test_a_penalty_must_not_be_called_as_a_head():
    with pytest.raises(ValueError, match="must not be called as a loss"):
        game(
            judge(grouped),
            heads({"two": 1.0, "rest": 1.0}),
            penalties=[penalties.R1(1.0, name="d_loss_two")],
        )


@pytest.mark.parametrize("logits", ["rest", 0, ["rest"]])
def test_one_output_of_several_that_is_a_list(logits):
    logs = logs_of(judge(grouped), heads({"rest": 2.0}), logits)
    rest = PENCIL["one"] + PENCIL["three"]
    assert logs["d_loss_rest"] == pytest.approx(rest, rel=1e-5)
    assert logs["d_loss"] == pytest.approx(2.0 * rest, rel=1e-5)
