import keras
import pytest

from keras_ganloss.backend import keras_internals
from tests.helpers.networks import seeded


def network():
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, kernel_initializer=seeded(0)),
            keras.layers.BatchNormalization(),
            keras.Sequential([keras.layers.Dense(2)]),
        ]
    )


FREEZING = {
    "nothing": lambda model: None,
    "a layer": lambda model: setattr(model.layers[0], "trainable", False),
    "all": lambda model: setattr(model, "trainable", False),
}


@pytest.mark.parametrize("freeze", FREEZING.values(), ids=FREEZING)
def test_potentially_trainable(freeze):
    """What is trainable of a model that nobody has frozen."""
    model = network()
    expected = model.trainable_variables
    assert len(expected) == 6
    freeze(model)
    found = keras_internals.potentially_trainable(model)
    assert [id(one) for one in found] == [id(one) for one in expected]


def test_potentially_trainable_if_made_frozen():
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2, trainable=False)]
    )
    assert keras_internals.potentially_trainable(model) == model.weights


@pytest.mark.parametrize("freeze", FREEZING.values(), ids=FREEZING)
def test_only_trainable(freeze):
    model = network()
    freeze(model)
    before = [id(one) for one in model.trainable_variables]
    flags = [layer.trainable for layer in model._flatten_layers()]
    chosen = model.weights[1:3]
    with keras_internals.only_trainable([model], chosen):
        inside = [id(one) for one in model.trainable_variables]
    assert inside == [id(one) for one in chosen]
    assert [id(one) for one in model.trainable_variables] == before
    assert [layer.trainable for layer in model._flatten_layers()] == flags


def test_only_trainable_where_models_share_a_layer():
    shared = keras.layers.Dense(3)
    one, other = [
        keras.Sequential([keras.Input((3,)), shared, keras.layers.Dense(1)])
        for _ in range(2)
    ]
    one.trainable = False
    other.trainable = True
    shared.trainable = False
    with keras_internals.only_trainable([one, other], []):
        assert not one.trainable_variables
        assert not other.trainable_variables
    assert not shared.trainable
    assert not one.trainable
    assert len(other.trainable_variables) == 2


class Owner(keras.Model):
    """Tracks what it is given."""


def test_replace_layer():
    model = Owner()
    first, second = keras.layers.Dense(1), keras.layers.Dense(1)
    for layer in (first, second):
        layer.build((None, 2))
    number = len(model.variables)
    for layer, more in ((first, 2), (second, 2), (second, 2), (None, 0)):
        keras_internals.replace_layer(model, "extra", layer)
        assert model.extra is layer
        assert len(model.variables) == number + more
