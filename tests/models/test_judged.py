"""What the discriminator sees of targets and answers."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import SupervisedGAN
from keras_ganloss.models import one_hot
from keras_ganloss.models import one_hot_of_logits
from keras_ganloss.models.judged import judged_parts
from tests.helpers.networks import sgd

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(6, 4, 4, 1)).astype("float32")
LABELS = RNG.integers(0, 3, (6, 4, 4)).astype("int32")
ONE_HOT = np.eye(3, dtype="float32")[LABELS]


def segmenter(activation="softmax", compiled=True):
    inputs = keras.Input((4, 4, 1))
    outputs = layers.Dense(3, activation)(inputs)
    model = keras.Model(inputs, outputs)
    if compiled:
        model.compile(
            sgd(0.1),
            keras.losses.SparseCategoricalCrossentropy(
                from_logits=activation is None
            ),
            metrics=["accuracy"],
        )
    return model


def judge(channels=3):
    answer, image = keras.Input((4, 4, channels)), keras.Input((4, 4, 1))
    both = layers.Concatenate()([answer, image])
    return keras.Model([answer, image], layers.Conv2D(1, 3)(both))


def train(gan, *data, **options):
    """One epoch, but on torch, where it fails in Keras's own `fit` too.

    `sparse_categorical_crossentropy` of maps of probabilities has no gradient
    there ("grad_input must be contiguous").
    """
    if keras.backend.backend() != "torch":
        gan.fit(*data, verbose=0, **options)


def numbers(logs, *names):
    return [float(logs[name]) for name in names]


@pytest.mark.parametrize("extra_axis", [False, True])
@pytest.mark.parametrize("activation", ["softmax", None])
def test_label_maps(activation, extra_axis, tmp_path):
    """Loss and metric are those of the plain model, on labels."""
    model, discriminator = segmenter(activation), judge()
    labels = LABELS[..., None] if extra_axis else LABELS
    plain = model.evaluate(IMAGES, labels, verbose=0, return_dict=True)
    judged = one_hot if activation else one_hot_of_logits
    gan = SupervisedGAN.from_compiled(
        model, discriminator, judged=judged, d_loss="hinge"
    )
    logs = gan.evaluate(IMAGES, labels, verbose=0, return_dict=True)
    expected = numbers(plain, "loss", "accuracy")
    found = numbers(logs, "supervised", "accuracy")
    assert found == pytest.approx(expected, rel=1e-5)
    shares = model.predict(IMAGES, verbose=0)
    if activation is None:
        shares = ops.convert_to_numpy(ops.softmax(shares))
    outputs = [
        float(ops.mean(discriminator([answers, IMAGES])))
        for answers in (ONE_HOT, shares)
    ]
    seen = numbers(logs, "real_output", "fake_output")
    assert seen == pytest.approx(outputs, rel=1e-4, abs=1e-6)
    train(gan, IMAGES, labels, batch_size=3)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    names = ("d_loss", "supervised", "real_output")
    one, other = [
        numbers(
            game.evaluate(IMAGES, labels, verbose=0, return_dict=True), *names
        )
        for game in (gan, again)
    ]
    assert one == pytest.approx(other, rel=1e-5)


@pytest.mark.parametrize("labels", [LABELS, LABELS[..., None]])
def test_labels_that_nobody_explains(labels):
    gan = SupervisedGAN.from_compiled(segmenter(), judge())
    with pytest.raises(ValueError, match=r"class labels.*one_hot") as error:
        gan.fit(IMAGES, labels, verbose=0)
    assert "gray" not in str(error.value)


def test_targets_without_the_last_axis_of_one():
    """As in Keras, `(n,)` beside `(n, 1)` is a column."""
    x, y = IMAGES[:, 0, :, 0], IMAGES[:, 1, 0, 0]
    discriminator = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile(sgd(), "mse")
    plain = model.evaluate(x, y, verbose=0)
    gan = SupervisedGAN.from_compiled(model, discriminator, conditional=False)
    logs = gan.evaluate(x, y, verbose=0, return_dict=True)
    assert logs["supervised"] == pytest.approx(plain, rel=1e-5)
    expected = float(ops.mean(discriminator(y[:, None])))
    assert logs["real_output"] == pytest.approx(expected, rel=1e-5, abs=1e-6)
    gan.fit(x, y, verbose=0)


def two_heads(as_dict):
    inputs = keras.Input((4, 4, 1))
    color = layers.Conv2D(2, 3, padding="same", name="color")(inputs)
    label = layers.Dense(3, "softmax", name="label")(inputs)
    outputs = {"color": color, "label": label} if as_dict else [color, label]
    return keras.Model(inputs, outputs)


@keras.saving.register_keras_serializable("judged")
def first_channel(target, answer):
    return target["color"][..., :1], answer["color"][..., :1]


@pytest.mark.parametrize(
    ("as_dict", "judged"),
    [(True, "color"), (False, "color"), (False, 0), (True, first_channel)],
)
def test_outputs_that_are_not_judged(as_dict, judged, tmp_path):
    color = RNG.normal(size=(6, 4, 4, 2)).astype("float32")
    y = {"color": color, "label": LABELS} if as_dict else [color, LABELS]
    losses = ["mae", "sparse_categorical_crossentropy"]
    loss = dict(zip(("color", "label"), losses)) if as_dict else losses
    channels = 1 if callable(judged) else 2
    model, discriminator = two_heads(as_dict), judge(channels)
    model.compile(sgd(), loss)
    plain = model.evaluate(IMAGES, y, verbose=0, return_dict=True)
    gan = SupervisedGAN.from_compiled(model, discriminator, judged=judged)
    logs = gan.evaluate(IMAGES, y, verbose=0, return_dict=True)
    assert logs["supervised"] == pytest.approx(plain["loss"], rel=1e-5)
    seen = discriminator([color[..., :channels], IMAGES])
    assert logs["real_output"] == pytest.approx(
        float(ops.mean(seen)), rel=1e-4, abs=1e-6
    )
    # As in Keras, weights of images must broadcast to those of pixels.
    weights = np.linspace(0.0, 1.0, 6, dtype="float32")[:, None, None]
    parts = {"color": weights, "label": weights} if as_dict else [weights] * 2
    train(gan, IMAGES, y, sample_weight=parts)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert again.judged == judged


def test_several_outputs_by_name():
    x = IMAGES[:, 0, :, 0]
    inputs = keras.Input((4,))
    outputs = [layers.Dense(1, name=name)(inputs) for name in "abc"]
    model = keras.Model(inputs, outputs)
    heads = [keras.Input((1,)) for _ in range(2)]
    discriminator = keras.Model(
        heads, layers.Dense(1)(layers.Concatenate()(heads))
    )
    gan = SupervisedGAN(
        model, discriminator, conditional=False, judged=["c", "a"]
    )
    gan.compile(loss="mse")
    y = [x[:, :1], x[:, 1:2], x[:, 2:3]]
    logs = gan.evaluate(x, y, verbose=0, return_dict=True)
    expected = float(ops.mean(discriminator([y[2], y[0]])))
    assert logs["real_output"] == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("judged", ["colour", 2, True, 0.5])
def test_outputs_that_are_not_there(judged):
    with pytest.raises(ValueError, match="`judged` must"):
        SupervisedGAN(two_heads(False), judge(2), judged=judged)


def test_a_function_that_returns_the_target_alone():
    target, answer = np.zeros((2, 4)), np.ones((2, 4))
    with pytest.raises(ValueError, match="must return two things") as caught:
        judged_parts(lambda target, answer: target, target, answer, None, None)
    assert "Received: judged=<function" in str(caught.value)


def test_one_hot_by_hand():
    shares = ops.convert_to_tensor([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]])
    for target in (np.array([2, 0]), np.array([[2], [0]])):
        real, fake = one_hot(ops.convert_to_tensor(target), shares)
        np.testing.assert_array_equal(
            ops.convert_to_numpy(real), [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
        )
        assert fake is shares
    logits = ops.convert_to_tensor([[0.0, 0.0], [0.0, np.log(3.0)]])
    _, fake = one_hot_of_logits(ops.convert_to_tensor([1, 1]), logits)
    np.testing.assert_allclose(
        ops.convert_to_numpy(fake), [[0.5, 0.5], [0.25, 0.75]], rtol=1e-5
    )


def test_one_hot_of_what_is_no_label():
    answer = ops.zeros((2, 4, 3))
    with pytest.raises(ValueError, match="`one_hot` needs class labels"):
        one_hot(ops.zeros((2, 4, 3)), answer)
