"""What every ready network must keep."""

import json
import re

import keras
import numpy as np
import pytest
from keras import ops

import keras_ganloss
from keras_ganloss import networks
from keras_ganloss import penalties
from tests.helpers import network_cases
from tests.helpers.network_cases import make


@pytest.fixture(params=sorted(networks.FUNCTIONS))
def name(request):
    return request.param


def numpy(outputs):
    return [ops.convert_to_numpy(leaf) for leaf in keras.tree.flatten(outputs)]


def test_every_network_has_a_case():
    assert sorted(network_cases.CASES) == sorted(networks.FUNCTIONS)


def test_file_round_trip(name, tmp_path):
    network, inputs = make(name, is_conditional=True)
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    # As text: what were tuples come back as lists.
    assert json.dumps(again.get_config()) == json.dumps(network.get_config())
    found = numpy(network(inputs))
    for one, other in zip(found, numpy(again(inputs)), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(again.weights) == len(network.weights)
    # What the graph announces is what comes.
    announced = [tuple(output.shape[1:]) for output in network.outputs]
    assert [output.shape[1:] for output in found] == announced
    assert len(keras.tree.flatten(network.output)) == len(announced)


def test_every_weight_learns(name):
    """No part of a network is lost on the way to the logits."""
    network, inputs = make(name, is_conditional=True)
    weights = network.trainable_weights
    _, _, (slopes,) = keras_ganloss.backend.compute_gradients(
        lambda: (
            [
                sum(
                    ops.sum(ops.square(output))
                    for output in keras.tree.flatten(network(inputs))
                )
            ],
            None,
        ),
        [weights],
        [lambda loss: loss],
    )
    lost = [
        weight.path
        for weight, slope in zip(weights, slopes)
        if slope is None or not np.any(ops.convert_to_numpy(slope))
    ]
    # What comes before instance normalization has no use for a bias, nor has
    # a map of one value for its normalization.
    lost = [path for path in lost if not path.endswith("bias")]
    assert not lost


def test_second_derivatives(name):
    """Of each layer; a convolution in groups is compiled for each call."""
    network, inputs = make(name)
    if name == "ScaleDiscriminator":
        network = keras.Model(
            network.input, network.get_layer("scale_1_conv_2").output
        )
    # Of an addition, float32 on torch leaves 12 %; what is wrong is off by 1.
    errors = penalties.check(network, inputs, tolerance=0.2)
    judged = [error for error in errors.values() if error is not None]
    assert len(judged) > len(errors) / 2


def test_names_are_as_documented(name):
    network, _ = make(name)
    if name == "ScaleDiscriminator":
        network = networks.ScaleDiscriminator((64, 1), 2, 16)
    known = {layer.name for layer in network.layers}
    doc = networks.FUNCTIONS[name].__doc__
    assert "Layers by name" in doc
    paragraph = doc.split("Layers by name")[1].split("\n\n")[0]
    named = {
        word
        for word in re.findall(r"`([a-z0-9_]+)`", paragraph)
        if not word.endswith("_")
    }
    toy = {re.sub(r"\d+", "#", word) for word in known}
    assert named and {re.sub(r"\d+", "#", word) for word in named} <= toy


def test_half_precision(name):
    policy = "mixed_float16"
    network, inputs = make(name)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        half, _ = make(name)
    finally:
        keras.config.set_dtype_policy(before)
    half.set_weights(network.get_weights())
    outputs = keras.tree.flatten(half(inputs))
    assert {keras.backend.standardize_dtype(o.dtype) for o in outputs} == {
        policy[6:]
    }
    for one, other in zip(
        numpy([ops.cast(o, "float32") for o in outputs]),
        numpy(network(inputs)),
        strict=True,
    ):
        size = abs(other).max()
        np.testing.assert_allclose(one, other, atol=2e-2 * max(size, 1.0))


def test_channels_are_last_whatever_keras_is_configured_for(name):
    network, _ = make(name)
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        other, _ = make(name)
    finally:
        keras.config.set_image_data_format(before)
    assert other.output_shape == network.output_shape
    assert other.count_params() == network.count_params()
