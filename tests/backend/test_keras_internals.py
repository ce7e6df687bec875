"""The private names of Keras that are used, each by what it is for."""

import keras
import numpy as np
import pytest
from keras import ops

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


def make_model(**settings):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    if settings:
        model.compile("sgd", **settings)
    return model


def test_compile_arguments_are_the_objects_themselves():
    loss, metrics = keras.losses.Huber(), [keras.metrics.Mean()]
    arguments = keras_internals.compile_arguments(
        make_model(loss=loss, metrics=metrics, loss_weights=0.5)
    )
    assert arguments["loss"] is loss
    assert arguments["metrics"] is metrics
    assert arguments["loss_weights"] == 0.5


def test_a_model_as_another_is_compiled():
    first, second = make_model(loss="mae"), make_model(loss="mse")
    mixed = keras_internals.compiled_as(first, second)
    x, y = np.ones((3, 2), "float32"), np.zeros((3, 1), "float32")
    output = first(x)
    values = [
        float(ops.convert_to_numpy(model.compute_loss(x, y, output)))
        for model in (first, second, mixed)
    ]
    assert values[2] == values[1] != values[0]
    assert mixed.weights[0] is first.weights[0]
    assert first.loss == "mae"


def test_the_tracker_of_the_loss():
    model = make_model(loss="mae")
    keras_internals.loss_tracker(model).update_state(3.0)
    assert float(model.get_metrics_result()["loss"]) == 3.0
    keras_internals.without_loss_tracker(model)
    assert "loss" not in {metric.name for metric in model.metrics}


def test_variables_of_metrics_are_made_before_a_step():
    model = make_model(loss="mae", metrics=["accuracy"])
    before = len(model.metrics_variables)
    keras_internals.build_compiled(
        model, data_batch=(np.ones((3, 2)), np.ones((3, 1)))
    )
    assert len(model.metrics_variables) == before + 2


def test_overrides():
    class Own(keras.Sequential):
        def compute_loss(self, *args, **kwargs):
            return super().compute_loss(*args, **kwargs)

    assert keras_internals.overrides(Own(), "compute_loss")
    assert not keras_internals.overrides(Own(), "compute_metrics")
    assert not keras_internals.overrides(make_model(), "train_step")


def test_a_metric_that_callbacks_minimize():
    model = keras_internals.minimized("energy")
    model.compute_metrics(None, ops.convert_to_tensor(-3.0), 1)
    model.compute_metrics(None, ops.convert_to_tensor(1.0), 3)
    assert float(model.get_metrics_result()["energy"]) == 0.0
    stop = keras.callbacks.EarlyStopping("val_energy")
    stop.set_model(model)
    stop.on_train_begin()
    stop.on_epoch_end(0, {"val_energy": 2.0})
    stop.on_epoch_end(1, {"val_energy": 1.0})
    assert stop.best == 1.0
