"""Layers with Keras's names: Keras's outputs, arguments and states."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import layers

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.normal(size=(4, 5, 3, 6)).astype("float32")
MASK = GENERATOR.uniform(size=(4, 5, 3)) > 0.3

CASES = [
    ("LayerNormalization", {}),
    ("LayerNormalization", {"axis": [1, 2, 3]}),
    ("LayerNormalization", {"axis": [2, 3], "epsilon": 1e-6}),
    ("LayerNormalization", {"center": False, "scale": False}),
    ("LayerNormalization", {"beta_initializer": "ones"}),
    ("GroupNormalization", {"groups": 3}),
    ("GroupNormalization", {"groups": -1}),
    ("GroupNormalization", {"groups": 1, "axis": 2}),
    ("GroupNormalization", {"groups": 5, "axis": 1, "scale": False}),
    ("GroupNormalization", {"groups": 2, "center": False}),
    ("BatchNormalization", {}),
    ("BatchNormalization", {"axis": 1, "momentum": 0.5}),
    ("BatchNormalization", {"center": False, "scale": False}),
    (
        "BatchNormalization",
        {"renorm": True, "renorm_clipping": {"rmax": 2.0, "dmax": 1.0}},
    ),
]


def pair(name, arguments):
    """Our layer and Keras's, with the same weights."""
    pair = [
        getattr(module, name)(**arguments) for module in (layers, keras.layers)
    ]
    for layer in pair:
        layer.build(IMAGES.shape)
        generator = np.random.default_rng(1)
        for weight in layer.trainable_weights:
            weight.assign(generator.normal(size=tuple(weight.shape)))
    return pair


def compare(pair, *args, **kwargs):
    found, expected = (
        ops.convert_to_numpy(layer(*args, **kwargs)) for layer in pair
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    for one, other in zip(*(layer.get_weights() for layer in pair)):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name, arguments", CASES)
def test_outputs_and_moving_statistics(name, arguments):
    layers = pair(name, arguments)
    modes = [True, True, False] if name.startswith("Batch") else [None]
    for training in modes:
        kwargs = {} if training is None else {"training": training}
        compare(layers, IMAGES, **kwargs)
    for layer in layers:
        layer.trainable = False
    compare(layers, IMAGES, **({} if training is None else kwargs))


def test_mask():
    layers = pair("BatchNormalization", {})
    compare(layers, IMAGES, mask=ops.convert_to_tensor(MASK), training=True)


@pytest.mark.parametrize("name, arguments", CASES)
def test_config_is_kerass(name, arguments):
    ours, theirs = pair(name, arguments)
    drop = {"name"}
    assert {k: v for k, v in ours.get_config().items() if k not in drop} == {
        k: v for k, v in theirs.get_config().items() if k not in drop
    }


def test_instance_normalization_is_one_group_a_channel():
    ours = layers.InstanceNormalization()
    theirs = keras.layers.GroupNormalization(groups=-1)
    compare((ours, theirs), IMAGES)
    channels_first = layers.InstanceNormalization(axis=1)
    swapped = ops.convert_to_numpy(channels_first(np.moveaxis(IMAGES, -1, 1)))
    np.testing.assert_allclose(
        np.moveaxis(swapped, 1, -1),
        ops.convert_to_numpy(ours(IMAGES)),
        atol=1e-6,
    )


def test_synchronized_is_tensorflows():
    if keras.backend.backend() == "tensorflow":
        compare(pair("BatchNormalization", {"synchronized": True}), IMAGES)
    else:
        with pytest.raises(ValueError, match="only supported"):
            layers.BatchNormalization(synchronized=True)
