"""`check` names what is wrong, and nothing else."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import layers
from keras_ganloss.penalties.check import check

SAMPLE = np.random.default_rng(0).normal(size=(6, 8, 8, 2)).astype("float32")
TENSORFLOW = keras.backend.backend() == "tensorflow"


def critic(normalization=None, activation="leaky_relu", resize=None):
    """A small DCGAN critic, always with the same weights."""
    keras.utils.set_random_seed(0)
    inputs = x = keras.Input(SAMPLE.shape[1:])
    if resize is not None:
        x = resize(x)
    for filters in (4, 8):
        x = keras.layers.Conv2D(filters, 3, strides=2, padding="same")(x)
        if normalization is not None:
            x = normalization()(x)
        x = keras.layers.Activation(activation)(x)
        x = keras.layers.Dropout(0.3, seed=1)(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(1)(x))


NORMALIZATIONS = {
    "layer": (
        lambda: keras.layers.LayerNormalization(),
        layers.LayerNormalization,
    ),
    "group": (
        lambda: keras.layers.GroupNormalization(2),
        lambda: layers.GroupNormalization(2),
    ),
    "instance": (
        lambda: keras.layers.GroupNormalization(-1),
        layers.InstanceNormalization,
    ),
    "batch": (
        lambda: keras.layers.BatchNormalization(),
        layers.BatchNormalization,
    ),
}

RESIZING = {
    "UpSampling2D": keras.layers.UpSampling2D(interpolation="bilinear"),
    "Resizing": keras.layers.Resizing(10, 10),
    "Resize": lambda x: ops.image.resize(x, (10, 10)),
}


@pytest.mark.parametrize("kind", sorted(NORMALIZATIONS))
def test_ours_pass(kind):
    errors = check(critic(NORMALIZATIONS[kind][1]), SAMPLE)
    found = [e for name, e in errors.items() if "Normalization" in name]
    assert len(found) == 2 and max(found) < 0.01


@pytest.mark.parametrize("kind", sorted(NORMALIZATIONS))
def test_keras_normalizations(kind):
    network = critic(NORMALIZATIONS[kind][0])
    if not TENSORFLOW:
        check(network, SAMPLE)  # They are right elsewhere.
        return
    with pytest.raises(ValueError, match="Received: ") as error:
        check(network, SAMPLE)
    faults = str(error.value).partition("Received: ")[2]
    for layer in network.layers:
        is_wrong = "Normalization" in type(layer).__name__
        assert (f"{layer.name} (" in faults) == is_wrong


@pytest.mark.parametrize("name", sorted(RESIZING))
def test_bilinear_resizing(name):
    network = critic(resize=RESIZING[name])
    if TENSORFLOW:
        with pytest.raises(ValueError, match=rf"Received: .*\({name}\): 100%$"):
            check(network, SAMPLE)
    else:
        check(network, SAMPLE)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "silu", "tanh"])
def test_no_false_alarms(activation):
    errors = check(critic(activation=activation), SAMPLE)
    known = [error for error in errors.values() if error is not None]
    assert len(known) >= 8 and max(known) < 0.05


def test_other_layers_of_ours_pass():
    # A pixel of zeros, as ReLU makes them, has no second derivative in
    # `PixelNormalization`.
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [
            keras.Input(SAMPLE.shape[1:]),
            layers.SpectralNormalization(
                keras.layers.Conv2D(4, 3, activation="tanh")
            ),
            layers.PixelNormalization(),
            layers.EqualizedLearningRate(keras.layers.Conv2D(4, 3)),
            layers.MinibatchStandardDeviation(),
            keras.layers.Flatten(),
            layers.MinibatchDiscrimination(3, 2),
            layers.SpectralNormalization(keras.layers.Dense(1)),
        ]
    )
    check(network, SAMPLE)


def test_condition_and_integers():
    label = keras.Input((), dtype="int32")
    samples = keras.Input(SAMPLE.shape[1:])
    features = keras.layers.GlobalAveragePooling2D()(samples)
    outputs = layers.Projection(3, name="head")([features, label])
    network = keras.Model([samples, label], outputs)
    errors = check(network, [SAMPLE, np.arange(6, dtype="int32") % 3])
    assert errors["embedding (Embedding)"] is None
    assert errors["head (Projection)"] < 0.01


@pytest.mark.skipif(not TENSORFLOW, reason="elsewhere bilinear is right")
def test_a_subclassed_layer_is_named_for_its_own_operations():
    class Blurred(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(2)

        def call(self, inputs):
            return ops.image.resize(self.dense(inputs), (4, 4))

    network = keras.Sequential(
        [keras.Input(SAMPLE.shape[1:]), Blurred(name="mine")]
    )
    with pytest.raises(ValueError, match=r"with mine \(Blurred\)"):
        check(network, SAMPLE)


def test_nothing_is_changed():
    network = critic(layers.BatchNormalization)
    before = [ops.convert_to_numpy(v) for v in network.variables]
    check(network, SAMPLE)
    for variable, value in zip(network.variables, before, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(variable), value)
    assert not any("call" in vars(layer) for layer in network.layers)


def test_half_precision_is_refused():
    network = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(1, dtype="mixed_float16")]
    )
    with pytest.raises(ValueError, match="Received: layer=dense.*float16"):
        check(network, np.ones((2, 2), "float32"))
