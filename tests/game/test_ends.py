import warnings

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import CycleGAN
from keras_ganloss import SupervisedGAN
from keras_ganloss import losses
from keras_ganloss.penalties import R1
from tests.helpers.networks import LATENT
from tests.helpers.networks import linear
from tests.helpers.networks import mlp
from tests.helpers.networks import seeded
from tests.helpers.networks import sgd

X = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
IMAGES = (8, 8, 1)


def ended(make, shape=(2,)):
    """A discriminator of a hidden layer and what `make` adds to it."""
    inputs = keras.Input(shape)
    kind = layers.Dense if len(shape) == 1 else layers.Conv2D
    options = {} if len(shape) == 1 else {"kernel_size": 3}
    hidden = kind(3, activation="tanh", name="hidden", **options)(inputs)
    return keras.Model(inputs, make(hidden))


def said(discriminator, shape=(2,), **options):
    """What `compile` warns of."""
    generator = mlp(LATENT, int(np.prod(shape)))
    generator.add(layers.Reshape(shape))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        GAN(generator, discriminator, **options.pop("gan", {})).compile(
            **options
        )
    return " ".join(str(one.message) for one in caught)


def head(units=1, activation=None, **kwargs):
    return layers.Dense(units, activation, **kwargs)


def scales(hidden):
    small = layers.AveragePooling2D(2)(hidden)
    shared = layers.Flatten()
    return [
        layers.Conv2D(1, 1)(hidden),
        layers.Conv2D(1, 1)(small),
        shared(layers.Conv2D(1, 1)(small)),
    ]


GOOD = {
    "logit": (lambda h: head()(h), (2,)),
    "two logits": (lambda h: [head()(h), head()(h)], (2,)),
    "joined": (lambda h: layers.Concatenate()([head()(h), head()(h)]), (2,)),
    "dict": (lambda h: {"a": head()(h), "b": head()(h)}, (2,)),
    "projection": (
        lambda h: head()(h) + layers.Dot(-1)([h, h]),
        (2,),
    ),
    "scalar": (lambda h: ops.squeeze(head()(h), -1), (2,)),
    "patches": (lambda h: layers.Conv2D(1, 3)(h), IMAGES),
    "flat patches": (
        lambda h: layers.Flatten()(layers.Conv2D(1, 3)(h)),
        IMAGES,
    ),
    "squeezed": (lambda h: ops.squeeze(layers.Conv2D(1, 3)(h), -1), IMAGES),
    "scales": (scales, IMAGES),
    "patch and sample": (
        lambda h: [layers.Conv2D(1, 3)(h), head()(layers.Flatten()(h))],
        IMAGES,
    ),
}
WIDE = {
    "features": (lambda h: [head()(h), h], (2,)),
    "classes": (lambda h: [head()(h), head(10)(h)], (2,)),
    "ten": (lambda h: head(10)(h), (2,)),
    "two": (lambda h: head(2)(h), (2,)),
    "joined": (lambda h: layers.Concatenate()([head()(h), h]), (2,)),
    "activation": (lambda h: layers.ReLU()(head(4)(h)), (2,)),
    "feature map": (lambda h: [layers.Conv2D(1, 3)(h), h], IMAGES),
    "pooled": (lambda h: layers.GlobalAveragePooling2D()(h), IMAGES),
}


@pytest.mark.parametrize("name", GOOD)
def test_logits_of_any_shape_are_fine(name):
    make, shape = GOOD[name]
    assert said(ended(make, shape), shape) == ""


@pytest.mark.parametrize("name", WIDE)
def test_what_is_wider_than_a_logit_is_told(name):
    make, shape = WIDE[name]
    assert "every number of it is judged" in said(ended(make, shape), shape)


def test_a_discriminator_inside_of_another():
    inner = [ended(GOOD["flat patches"][0], IMAGES) for _ in range(2)]
    inputs = keras.Input(IMAGES)
    outer = keras.Model(inputs, [one(inputs) for one in inner])
    assert said(outer, IMAGES) == ""
    wide = ended(lambda h: layers.Flatten()(h), IMAGES)
    assert "is judged" in said(keras.Model(inputs, wide(inputs)), IMAGES)


@pytest.mark.parametrize(
    "loss",
    [name for name in losses.CLASSES if losses.get(name).judges_features],
)
def test_losses_of_features(loss):
    wanted = {"began", "energy_based", "cramer", "maximum_mean_discrepancy"}
    wanted |= {"sinkhorn", "sliced_wasserstein", "multi_class_hinge"}
    assert loss in wanted
    assert said(ended(lambda h: h), d_loss=loss) == ""
    assert losses.TopK(losses.Hinge()).judges_features is False


SOFTMAX = {
    "one": lambda h: head(1, "softmax")(h),
    "two": lambda h: head(2, "softmax")(h),
    "layer": lambda h: layers.Softmax()(head(2)(h)),
    "activation": lambda h: layers.Activation("softmax")(head(2)(h)),
    "operation": lambda h: ops.softmax(head(2)(h)),
    "second": lambda h: [head()(h), head(10, "softmax")(h)],
}


@pytest.mark.parametrize("name", SOFTMAX)
def test_a_softmax_is_told(name):
    words = said(ended(SOFTMAX[name]))
    assert "ends in a softmax" in words and "expects logits" in words
    assert "is judged" not in words  # Once is enough.


def test_a_softmax_beside_the_logits_is_not_judged():
    discriminator = ended(SOFTMAX["second"])
    assert said(discriminator, gan={"logits": 0}) == ""


def with_features():
    """Returns `[features, logit]`, and a view of the logit alone."""
    full = ended(
        lambda h: [h, head(name="logit", kernel_initializer=seeded(3))(h)]
    )
    return full, keras.Model(full.inputs, full.outputs[1])


def trained(discriminator, logits, **options):
    gan = GAN(mlp(LATENT, 2), discriminator, seed=0, logits=logits)
    gan.compile(sgd(), sgd(), "hinge", penalties=[R1(0.3)], **options)
    history = gan.fit(X, batch_size=4, epochs=2, shuffle=False, verbose=0)
    return gan, history.history


@keras.saving.register_keras_serializable("ends")
def second(everything):
    return everything[1]


@pytest.mark.parametrize("logits", [1, -1, "logit", [1], ["logit"], second])
def test_logits_alone_are_judged(logits, tmp_path):
    """As a discriminator that returns nothing else."""
    keras.utils.set_random_seed(0)
    full, alone = with_features()
    start = full.get_weights()
    gan, history = trained(full, logits)
    after = full.get_weights()
    full.set_weights(start)
    _, expected = trained(alone, None)
    for name in expected:
        np.testing.assert_allclose(history[name], expected[name], rtol=1e-5)
    for one, other in zip(after, full.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    full.set_weights(after)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    one, other = [
        game.evaluate(X, verbose=0, return_dict=True) for game in (gan, again)
    ]
    assert one["real_output"] == pytest.approx(other["real_output"])


def test_names_of_a_dict():
    make = lambda h: {"z": h, "logit": head(kernel_initializer="ones")(h)}  # noqa: E731
    discriminator = ended(make)
    gan = GAN(mlp(LATENT, 2), discriminator, seed=0, logits="logit")
    gan.compile()
    logs = gan.evaluate(X, verbose=0, return_dict=True)
    expected = ops.mean(discriminator(X)["logit"])
    assert logs["real_output"] == pytest.approx(float(expected), rel=1e-5)


def test_supervised_and_cycle():
    inputs = keras.Input((2,))
    logit = layers.Dense(1, kernel_initializer="ones", use_bias=False)(inputs)
    judge = keras.Model(inputs, [inputs * 100.0, logit])
    gan = SupervisedGAN(linear(2, 2), judge, conditional=False, logits=1)
    gan.compile()
    logs = gan.evaluate(X, X, verbose=0, return_dict=True)
    assert logs["real_output"] == pytest.approx(X.sum(1).mean(), rel=1e-4)
    again = SupervisedGAN.from_config(gan.get_config())
    assert again.logits == 1
    second_judge = keras.models.clone_model(judge)
    gan = CycleGAN(linear(2, 2), linear(2, 2), judge, second_judge, logits=-1)
    gan.compile()
    second_judge.set_weights(judge.get_weights())
    logs = gan.evaluate(X, X, verbose=0, return_dict=True)
    assert logs["real_output"] == pytest.approx(X.sum(1).mean(), rel=1e-4)


@pytest.mark.parametrize("logits", ["nothing", 2, True, [], 0.5, ["logit", 7]])
def test_logits_that_are_not_there(logits):
    full, _ = with_features()
    with pytest.raises(ValueError, match="`logits` must"):
        GAN(mlp(LATENT, 2), full, logits=logits).compile()
