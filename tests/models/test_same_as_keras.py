"""The explicit half of a game against `keras.Model`, to the sixth digit.

Each set-up is compiled twice. One model is evaluated and trained by Keras; of
the other a game is made, whose learned loss has no weight. Everything that
Keras logs must be in the game's logs, and one step must end at its weights.
"""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import SupervisedGAN

RANDOM = np.random.default_rng(0)
NUM = 6
X = RANDOM.normal(size=(NUM, 4, 3)).astype("float32")
FLAT = X[:, 0]
Y = RANDOM.normal(size=(NUM, 2)).astype("float32")
Z = RANDOM.normal(size=(NUM, 4)).astype("float32")
STEPS = RANDOM.normal(size=(NUM, 4, 2)).astype("float32")
WORDS = np.array([[1, 2, 3, 0], [2, 0, 0, 0], [1, 1, 1, 1]] * 2)
LABELS = np.array([0, 1, 2, 2, 1, 0])
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
BITS = (Y[:, :1] > 0).astype("float32")
MAPS = RANDOM.integers(0, 3, size=(NUM, 4))
WEIGHT = np.linspace(0.0, 2.0, NUM).astype("float32")
OF_STEPS = RANDOM.uniform(size=(NUM, 4)).astype("float32")


class Judge(keras.Model):
    """A discriminator of answers of any structure."""

    def __init__(self):
        super().__init__()
        self.supports_masking = True
        self.dense = layers.Dense(1)

    def call(self, answers):
        parts = [
            ops.mean(ops.reshape(part, (ops.shape(part)[0], -1)), axis=1)
            for part in keras.tree.flatten(answers)
        ]
        return self.dense(sum(parts)[:, None])


class Answered(SupervisedGAN):
    """A game whose discriminator sees answers alone, for labels."""

    def _judged(self, target, output, masks):
        return output, output


# Models.


def dense(units=2, activation=None, **kwargs):
    source = keras.Input((3,))
    out = layers.Dense(units, activation, name="out", **kwargs)(source)
    return keras.Model(source, out)


def sequential():
    return keras.Sequential([keras.Input((3,)), layers.Dense(2)])


def sequence(units=2, activation=None):
    source = keras.Input((4, 3))
    return keras.Model(source, layers.Dense(units, activation)(source))


def two_listed():
    source = keras.Input((3,))
    outputs = [layers.Dense(2, name="o1")(source)]
    outputs.append(layers.Dense(4, name="o2")(source))
    return keras.Model(source, outputs)


def two_named():
    source = keras.Input((3,))
    return keras.Model(
        source, {"a": layers.Dense(2)(source), "b": layers.Dense(4)(source)}
    )


def two_by_layer():
    source = keras.Input((3,))
    return keras.Model(
        source,
        {
            "a": layers.Dense(2, name="a")(source),
            "b": layers.Dense(4, name="b")(source),
        },
    )


def two_inputs():
    left, right = keras.Input((3,), name="left"), keras.Input((2,), name="r")
    both = layers.Concatenate()([left, right])
    return keras.Model({"left": left, "r": right}, layers.Dense(2)(both))


def nested():
    inner = dense()
    source = keras.Input((3,))
    return keras.Model(source, layers.Dense(2)(inner(source)))


def embedded(units=2, activation=None):
    source = keras.Input((4,), dtype="int32")
    hidden = layers.Embedding(4, 3, mask_zero=True)(source)
    return keras.Model(source, layers.Dense(units, activation)(hidden))


def masked():
    source = keras.Input((4, 3))
    hidden = layers.Masking()(source)
    return keras.Model(source, layers.Dense(2)(hidden))


def regularized():
    source = keras.Input((3,))
    hidden = layers.Dense(
        3,
        kernel_regularizer=keras.regularizers.L2(0.1),
        activity_regularizer=keras.regularizers.L1(0.2),
    )(source)
    return keras.Model(source, layers.Dense(2)(hidden))


class Adds(keras.layers.Layer):
    def call(self, inputs):
        self.add_loss(0.3 * ops.mean(ops.square(inputs)))
        return inputs


def adding():
    source = keras.Input((3,))
    return keras.Model(source, layers.Dense(2)(Adds()(layers.Dense(3)(source))))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(
            2, kernel_regularizer=keras.regularizers.L2(0.1)
        )

    def call(self, inputs):
        return self.dense(inputs)


class TwoOutputs(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = layers.Dense(2)
        self.second = layers.Dense(4)

    def call(self, inputs):
        return {"a": self.first(inputs), "b": self.second(inputs)}


class OwnLoss(Subclassed):
    def compute_loss(self, x, y, y_pred, sample_weight=None):
        loss = super().compute_loss(x, y, y_pred, sample_weight)
        return 3.0 * loss + ops.mean(ops.square(y_pred)) * ops.mean(x)


class OwnLossAlone(Subclassed):
    """Without `loss`, and without its layers' losses."""

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        return (1.0 if training else 2.0) * ops.mean(ops.abs(y - y_pred))


class OwnMetrics(Subclassed):
    def __init__(self):
        super().__init__()
        self.largest = keras.metrics.Mean(name="largest")

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        logs = super().compute_metrics(x, y, y_pred, sample_weight)
        self.largest.update_state(ops.max(ops.abs(y_pred), axis=-1))
        logs["largest"] = self.largest.result()
        logs["twice"] = 2.0 * self.largest.result()
        return logs


class OwnTracker(OwnLoss):
    """As in Keras's guide."""

    def __init__(self):
        super().__init__()
        self.tracker = keras.metrics.Mean(name="loss")

    def compute_loss(self, x, y, y_pred, sample_weight=None):
        loss = super().compute_loss(x, y, y_pred, sample_weight)
        self.tracker.update_state(2.0 * loss)
        return loss

    @property
    def metrics(self):
        return [self.tracker]


def half():
    return keras.Sequential(
        [keras.Input((3,)), layers.Dense(2, dtype="mixed_float16")]
    )


def brain_half():
    return keras.Sequential(
        [keras.Input((3,)), layers.Dense(2, dtype="mixed_bfloat16")]
    )


# Losses and metrics that are in no registry.


def dice(target, answer):
    return ops.mean(ops.abs(target - answer) ** 1.5, axis=-1)


def scalar(target, answer):
    return ops.mean(ops.abs(target - answer))


class Cubed(keras.losses.Loss):
    def call(self, target, answer):
        return ops.mean(ops.abs(target - answer) ** 3, axis=-1)


class Largest(keras.metrics.Metric):
    def __init__(self, name="largest_error", factor=1.0):
        super().__init__(name=name)
        self.factor = factor  # Lost in a round trip of the config.
        self.value = self.add_variable((), "zeros")

    def update_state(self, target, answer, sample_weight=None):
        error = self.factor * ops.max(ops.abs(target - answer))
        self.value.assign(ops.maximum(self.value, error))

    def result(self):
        return ops.convert_to_tensor(self.value)


def case(model, x, y, game=SupervisedGAN, weights=None, **settings):
    return model, x, y, game, weights or {}, settings


def pair(**settings):
    return case(two_listed, FLAT, [Y, Z], **settings)


def named(**settings):
    return case(two_named, FLAT, {"a": Y, "b": Z}, **settings)


def labels(y, units=3, activation="softmax", model=dense, x=FLAT, **settings):
    return case(
        lambda: model(units, activation), x, y, game=Answered, **settings
    )


mae = keras.losses.MeanAbsoluteError
CASES = {
    "loss_name": lambda: case(dense, FLAT, Y, loss="mse"),
    "loss_alias": lambda: case(
        dense, FLAT, Y, loss="MAE", metrics=["MSE", "mean_squared_error"]
    ),
    "loss_object": lambda: case(dense, FLAT, Y, loss=keras.losses.Huber(0.3)),
    "loss_reduced_by_sum": lambda: case(
        dense, FLAT, Y, loss=mae(reduction="sum")
    ),
    "loss_reduced_by_weights": lambda: case(
        dense,
        FLAT,
        Y,
        loss=mae(reduction="mean_with_sample_weight"),
        weights={"sample_weight": WEIGHT},
    ),
    "loss_function_named_as_one_of_keras": lambda: case(
        dense, FLAT, Y, loss=dice, metrics=[dice]
    ),
    "loss_lambda": lambda: case(
        dense,
        FLAT,
        Y,
        loss=lambda y, p: ops.mean(ops.square(y - p), axis=-1),
        metrics=[lambda y, p: ops.max(ops.abs(y - p), axis=-1)],
    ),
    "loss_scalar_function": lambda: case(dense, FLAT, Y, loss=scalar),
    "loss_class_and_metric_class": lambda: case(
        dense, FLAT, Y, loss=Cubed(), metrics=[Largest(factor=3.0)]
    ),
    "loss_in_a_list": lambda: case(dense, FLAT, Y, loss=["mae"]),
    "loss_by_layer": lambda: case(
        dense, FLAT, Y, loss={"out": "mae"}, metrics={"out": ["mse"]}
    ),
    "loss_weight_number": lambda: case(
        dense, FLAT, Y, loss="mse", loss_weights=0.3
    ),
    "loss_weight_list_of_one": lambda: case(
        dense, FLAT, Y, loss=["mse"], loss_weights=[0.3]
    ),
    "loss_weight_dict_of_one": lambda: case(
        dense, FLAT, Y, loss={"out": "mse"}, loss_weights={"out": 0.3}
    ),
    "sequential": lambda: case(sequential, FLAT, Y, loss="mae"),
    "nested_model": lambda: case(nested, FLAT, Y, loss="mae", metrics=["mse"]),
    "subclassed": lambda: case(Subclassed, FLAT, Y, loss="mae"),
    "dict_inputs": lambda: case(
        two_inputs, {"left": FLAT, "r": Y}, Y, loss="mae"
    ),
    "list_one_loss_for_all": lambda: pair(loss="mae", metrics=["mae", "mse"]),
    "list_by_position": lambda: pair(
        loss=["mae", "mse"], metrics=[["mse"], ["mae"]]
    ),
    "list_by_layer_name": lambda: pair(
        loss={"o2": "mae", "o1": "mse"},
        loss_weights={"o2": 0.2, "o1": 3.0},
        metrics={"o2": "mse"},
    ),
    "list_with_weights": lambda: pair(
        loss=["mae", keras.losses.Huber()], loss_weights=[0.5, 2.0]
    ),
    "list_output_without_a_loss": lambda: pair(
        loss=["mae", None], metrics=[None, ["mse"]]
    ),
    "list_weights_of_samples": lambda: pair(
        loss=["mae", "mse"],
        weighted_metrics=[["mse"], ["mae"]],
        weights={"sample_weight": [WEIGHT, WEIGHT[::-1]]},
    ),
    "list_one_weight_for_all": lambda: pair(
        loss=["mae", "mse"], weights={"sample_weight": WEIGHT}
    ),
    "dict_targets_for_a_list": lambda: case(
        two_listed,
        FLAT,
        {"o1": Y, "o2": Z},
        loss={"o1": "mae", "o2": "mse"},
        metrics={"o1": ["mse"], "o2": ["mae"]},
    ),
    "dict_by_name": lambda: named(
        loss={"a": "mae", "b": mae()},
        loss_weights={"a": 2.0, "b": 0.5},
        metrics={"a": "mse", "b": ["mae", dice]},
    ),
    "dict_one_loss_for_all": lambda: named(loss="mse", metrics=None),
    "dict_output_without_a_loss": lambda: named(loss={"a": "mse"}),
    "dict_none_for_an_output": lambda: named(loss={"a": "mse", "b": None}),
    "dict_named_as_layers": lambda: case(
        two_by_layer,
        FLAT,
        {"a": Y, "b": Z},
        loss={"a": "mse", "b": "mae"},
        weighted_metrics={"b": ["mse"]},
        weights={"sample_weight": {"a": WEIGHT, "b": WEIGHT[::-1]}},
    ),
    "dict_of_a_subclass": lambda: case(
        TwoOutputs,
        FLAT,
        {"a": Y, "b": Z},
        loss={"a": "mse", "b": "mae"},
        loss_weights={"a": 0.4, "b": 2.0},
    ),
    "accuracy_binary": lambda: case(
        lambda: dense(1, "sigmoid"),
        FLAT,
        BITS,
        loss="binary_crossentropy",
        metrics=["accuracy", "AUC"],
    ),
    "accuracy_categorical": lambda: labels(
        ONE_HOT, loss="categorical_crossentropy", metrics=["acc"]
    ),
    "accuracy_sparse": lambda: labels(
        LABELS, loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    ),
    "accuracy_sparse_column": lambda: labels(
        LABELS[:, None],
        loss="sparse_categorical_crossentropy",
        metrics=["acc"],
        weighted_metrics=["accuracy"],
        weights={"sample_weight": WEIGHT},
    ),
    "accuracy_of_maps": lambda: labels(
        MAPS,
        model=sequence,
        x=X,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(2)],
        weights={"sample_weight": OF_STEPS},
    ),
    "crossentropy_by_shape": lambda: labels(
        LABELS, loss="crossentropy", metrics=["accuracy"]
    ),
    "crossentropy_binary_by_shape": lambda: case(
        lambda: dense(1, "sigmoid"), FLAT, BITS, loss="ce", metrics=["acc"]
    ),
    "a_column_for_a_row": lambda: case(
        lambda: dense(1), FLAT, Y[:, 0], game=Answered, loss="mae"
    ),
    "weighted_metrics": lambda: case(
        dense,
        FLAT,
        Y,
        loss="mae",
        metrics=["mse"],
        weighted_metrics=["mse", dice, keras.metrics.RootMeanSquaredError()],
        weights={"sample_weight": WEIGHT},
    ),
    "one_name_twice": lambda: case(
        dense, FLAT, Y, loss="mae", metrics=["mse", "mse", dice, dice]
    ),
    "weights_in_a_column": lambda: case(
        dense, FLAT, Y, loss="mae", weights={"sample_weight": WEIGHT[:, None]}
    ),
    "weights_of_steps": lambda: case(
        sequence,
        X,
        STEPS,
        loss="mae",
        weighted_metrics=["mse"],
        weights={"sample_weight": OF_STEPS},
    ),
    "weights_of_samples_for_steps": lambda: case(
        sequence,
        X,
        STEPS,
        loss="mae",
        weights={"sample_weight": WEIGHT[:, None]},
    ),
    "class_weight": lambda: labels(
        LABELS,
        loss="sparse_categorical_crossentropy",
        weighted_metrics=["accuracy"],
        weights={"class_weight": {0: 0.5, 1: 2.0, 2: 0.0}},
    ),
    "mask_of_an_embedding": lambda: case(
        embedded, WORDS, STEPS, loss="mae", metrics=["mse"]
    ),
    "mask_of_values": lambda: case(
        masked,
        X * (WORDS > 0)[..., None],
        1000.0 * (WORDS == 0)[..., None] + STEPS,
        loss="mse",
        weighted_metrics=["mae"],
        weights={"sample_weight": OF_STEPS},
    ),
    "mask_and_weights_of_steps": lambda: case(
        embedded,
        WORDS,
        STEPS,
        loss="mae",
        weighted_metrics=["mse"],
        weights={"sample_weight": OF_STEPS},
    ),
    "mask_and_labels": lambda: labels(
        MAPS,
        model=embedded,
        x=WORDS,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        weighted_metrics=["accuracy"],
        weights={"sample_weight": OF_STEPS},
    ),
    "regularizers": lambda: case(
        regularized, FLAT, Y, loss="mae", metrics=["mse"]
    ),
    "regularizers_and_weights": lambda: case(
        regularized,
        FLAT,
        Y,
        loss="mae",
        loss_weights=0.5,
        weights={"sample_weight": WEIGHT},
    ),
    "add_loss": lambda: case(adding, FLAT, Y, loss="mae"),
    "own_compute_loss": lambda: case(
        OwnLoss, FLAT, Y, loss="mae", metrics=["mse"]
    ),
    "own_compute_loss_and_weights": lambda: case(
        OwnLoss, FLAT, Y, loss="mae", weights={"sample_weight": WEIGHT}
    ),
    "own_compute_loss_alone": lambda: case(OwnLossAlone, FLAT, Y),
    "own_compute_metrics": lambda: case(
        OwnMetrics, FLAT, Y, loss="mae", metrics=["mse"]
    ),
    "own_tracker_of_the_loss": lambda: case(OwnTracker, FLAT, Y, loss="mae"),
    "mixed_float16": lambda: case(half, FLAT, Y, loss="mae", metrics=["mse"]),
    "mixed_bfloat16": lambda: case(
        brain_half,
        FLAT,
        Y,
        loss="mse",
        weighted_metrics=["mae"],
        weights={"sample_weight": WEIGHT},
    ),
    "integer_targets": lambda: case(
        dense, FLAT, (10 * Y).astype("int32"), loss="mae", metrics=["mse"]
    ),
    "double_targets": lambda: case(
        dense, FLAT, Y.astype("float64"), loss="mae"
    ),
}


# Compiled steps take their time; what differs in them is there.
COMPILED = {
    "loss_lambda",
    "list_with_weights",
    "dict_by_name",
    "accuracy_of_maps",
    "mask_of_values",
    "regularizers_and_weights",
    "add_loss",
    "own_compute_loss",
    "own_compute_metrics",
    "own_tracker_of_the_loss",
    "mixed_float16",
}


def compiled(name):
    keras.utils.set_random_seed(1)
    make, x, y, game, weights, settings = CASES[name]()
    model = make()
    model(keras.tree.map_structure(ops.convert_to_tensor, x))
    model.compile(
        keras.optimizers.SGD(0.1),
        run_eagerly=name not in COMPILED,
        **settings,
    )
    return model, x, y, game, weights


def as_game(name):
    model, x, y, game, weights = compiled(name)
    judge = Judge()
    judge(model(keras.tree.map_structure(ops.convert_to_tensor, x)))
    gan = game.from_compiled(
        model,
        judge,
        conditional=False,
        d_optimizer=keras.optimizers.SGD(0.1),
        loss_weights={"adversarial": 0.0},
    )
    return gan, x, y, weights


def numpy_weights(model):
    return [ops.convert_to_numpy(weight) for weight in model.weights]


def assert_same(theirs, ours):
    assert theirs.keys() <= ours.keys()
    for name in theirs:
        assert ours[name] == pytest.approx(theirs[name], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_is_the_same_as_the_plain_model(name):
    model, x, y, _, weights = compiled(name)
    gan, *_ = as_game(name)
    measured = {k: v for k, v in weights.items() if k != "class_weight"}
    settings = {"batch_size": 4, "return_dict": True, "verbose": 0}
    assert_same(
        model.evaluate(x, y, **measured, **settings),
        gan.evaluate(x, y, **measured, **settings),
    )
    settings = {"batch_size": NUM, "verbose": 0, "shuffle": False}
    theirs = model.fit(x, y, **weights, **settings).history
    ours = gan.fit(x, y, **weights, **settings).history
    if keras.backend.backend() == "jax" and name.startswith("mask"):
        # Keras loses the mask where a JAX step is differentiated: metrics of
        # its training count padding, those of `evaluate` do not.
        theirs = {"loss": theirs["loss"]}
    assert_same(
        {name: values[0] for name, values in theirs.items()},
        {name: values[0] for name, values in ours.items()},
    )
    assert len(model.weights) == len(gan.generator.weights)
    for one, other in zip(numpy_weights(model), numpy_weights(gan.generator)):
        np.testing.assert_allclose(other, one, rtol=1e-6, atol=1e-6)
