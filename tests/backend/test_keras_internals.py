"""The private names of Keras that are used, each by what it is for."""

import ast
import pathlib
import re

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.backend import keras_internals
from tests.helpers import limits
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
    flags = [layer.trainable for layer in keras_internals.flatten_layers(model)]
    chosen = model.weights[1:3]
    with keras_internals.only_trainable([model], chosen):
        inside = [id(one) for one in model.trainable_variables]
    assert inside == [id(one) for one in chosen]
    assert [id(one) for one in model.trainable_variables] == before
    assert [
        layer.trainable for layer in keras_internals.flatten_layers(model)
    ] == flags


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
        model, lambda x: x, data_batch=(np.ones((3, 2)), np.ones((3, 1)))
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


def test_layers_within_layers():
    inner = keras.layers.Dense(2)
    wrapper = keras.layers.TimeDistributed(inner)
    model = keras.Sequential([keras.Input((3, 3)), wrapper])
    outer = keras.Sequential([keras.Input((3, 3)), model])
    found = keras_internals.flatten_layers(outer)
    for layer in (outer, model, wrapper, inner):
        assert sum(one is layer for one in found) == 1
    found = keras_internals.flatten_layers(outer, include_self=False)
    assert not any(one is outer for one in found)


@pytest.mark.parametrize("functional", [True, False])
def test_nodes(functional):
    model = network()
    if functional:
        model = keras.Model(model.inputs, model.outputs)
    names = [node.operation.name for node in keras_internals.nodes(model)]
    layers = [layer.name for layer in model.layers if layer.name != names[0]]
    assert names[1:] == layers


def test_run_with_other_layers():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(3)(inputs) + 1.0)
    zeros = keras.layers.Dense(3, kernel_initializer="zeros")

    def replace(operation):
        return zeros if operation is model.layers[1] else operation

    x = np.ones((1, 2), "float32")
    outputs = keras_internals.run_with(
        model, [ops.convert_to_tensor(x)], replace
    )
    np.testing.assert_array_equal(
        ops.convert_to_numpy(outputs), np.ones((1, 3))
    )


@pytest.mark.parametrize("functional", [True, False])
def test_a_clone_with_other_layers(functional):
    model = network()
    if functional:
        model = keras.Model(model.inputs, model.outputs)
    model._trainable = False
    first, last = model.layers[-2:]
    other = type(last).from_config(last.get_config())
    clone = keras_internals.clone_with(
        model, lambda layer: other if layer is last else layer
    )
    assert clone.layers[-2:] == [first, other]
    assert type(clone) is type(model) and clone.name == model.name
    assert not clone.trainable and first.trainable and last.trainable


def test_what_a_variable_holds_outside_of_a_scope():
    variable = keras.Variable(1.0)
    two = ops.convert_to_tensor(2.0)
    with keras.StatelessScope([(variable, two)]):
        assert float(ops.convert_to_numpy(variable.value)) == 2.0
        stored = keras_internals.stored_value(variable)
    assert float(ops.convert_to_numpy(stored)) == 1.0


def test_variables_of_an_optimizer():
    variables = [keras.Variable(0.0), keras.Variable(0.0)]
    optimizer = keras.optimizers.Adam()
    assert keras_internals.trained_by(optimizer) == []
    optimizer.build(variables)
    for index, variable in enumerate(variables):
        assert keras_internals.trained_by(optimizer)[index] is variable
        assert keras_internals.index_of(optimizer, variable) == index


@pytest.mark.parametrize("epoch, seen", [(None, [0, 1, 2]), (2, [2])])
def test_start_at(epoch, seen):
    epochs = []

    class Resume(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            keras_internals.start_at(self.model, epoch)

        def on_epoch_begin(self, epoch, logs=None):
            epochs.append(epoch)

    model = make_model(loss="mae")
    x, y = np.ones((2, 2), "float32"), np.ones((2, 1), "float32")
    model.fit(x, y, epochs=3, verbose=0, callbacks=[Resume()])
    assert epochs == seen


def test_moments_of_batch_normalization():
    class Shifted(keras_internals.BatchNormalization):
        def moments(self, inputs, axes):
            assert tuple(axes) == (0,)
            return ops.ones((2,)), 4.0 * ops.ones((2,))

    x = np.array([[1.0, 3.0], [5.0, 7.0]], "float32")
    outputs = Shifted(epsilon=0.0)(x, training=True)
    np.testing.assert_allclose(ops.convert_to_numpy(outputs), (x - 1.0) / 2.0)
    masked = Shifted(epsilon=0.0)(x, training=True, mask=np.array([True, True]))
    np.testing.assert_allclose(
        ops.convert_to_numpy(masked), [[-1, -1], [1, 1]], atol=1e-6
    )


@limits.only("jax", "what is done before the first step there")
def test_a_trainer_on_jax():
    order = []

    @keras_internals.jax_trainer
    class Trainer:
        def before_steps(self, iterator, data_batch):
            order.append(("before", iterator is None))

        def train_step(self, state, data):
            order.append(("step",))
            raise ValueError("a wrong shape")

    class Model(Trainer, keras.Sequential):
        pass

    model = Model([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mae")
    weights = model.get_weights()
    x, y = np.ones((2, 2), "float32"), np.ones((2, 1), "float32")
    with pytest.raises(ValueError, match="a wrong shape"):
        model.fit(x, y, verbose=0)
    assert order == [("before", False), ("step",)]
    np.testing.assert_array_equal(model.get_weights()[0], weights[0])


@limits.only("tensorflow", "what is done before the first step there")
def test_a_trainer_on_tensorflow(tmp_path):
    import tensorflow as tf

    order = []

    @keras_internals.tensorflow_trainer
    class Trainer:
        def before_steps(self, iterator, data_batch):
            order.append("before")

        def named_state(self):
            return {"kernel": self.layers[0].kernel.value}

    class Model(Trainer, keras.Sequential):
        def train_step(self, data):
            order.append("step")
            return super().train_step(data)

    model = Model([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mae")
    x, y = np.ones((2, 2), "float32"), np.ones((2, 1), "float32")
    model.fit(x, y, verbose=0)
    assert order[:2] == ["before", "step"]
    path = tf.train.Checkpoint(model).write(str(tmp_path / "checkpoint"))
    names = [name for name, _ in tf.train.list_variables(path)]
    assert any(name.startswith("kernel/") for name in names)


def private_names():
    """Those of what Keras has made, on this backend."""
    x, y = np.ones((2, 2), "float32"), np.ones((2, 1), "float32")
    model = make_model(loss="mae", metrics=["mae"])
    model.fit(x, y, verbose=0)
    made = [
        model,
        keras.Model(model.inputs, model.outputs),
        *model.layers,
        keras.layers.BatchNormalization(),
        *keras_internals.nodes(model),
        *model.variables,
        *model.metrics,
        model.optimizer,
        keras.losses.MeanSquaredError(),
        keras.random.SeedGenerator(0),
        keras.callbacks.Callback(),
    ]
    names = {"_direction"}
    for one in made:
        names.update(getattr(one, "__dict__", ()))
        for base in type(one).__mro__:
            if base.__module__.startswith("keras."):  # Not the backend's.
                names.update(vars(base))
    return {name for name in names if re.match("_[a-z]", name)}


def names_used(path):
    """Attributes, methods and strings of a module, with their lines."""
    tree = ast.parse(path.read_text())
    methods = {
        id(node)
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.Constant):
            yield node.value, node.lineno
        elif isinstance(node, ast.FunctionDef) and id(node) in methods:
            yield node.name, node.lineno


def test_private_names_of_keras_stand_in_one_file():
    """Own names that Keras has, too, would be in the way of its own."""
    own = pathlib.Path(keras_internals.__file__)
    package = own.parents[1]
    private = private_names()
    assert {"_tracker", "_flatten_layers", "_compile_config"} <= private
    found = [
        f"{path.relative_to(package)}:{line} {name}"
        for path in package.rglob("*.py")
        if path != own
        for name, line in names_used(path)
        if name in private
    ]
    assert not found
