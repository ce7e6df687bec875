"""`tfgan.features` against TF-GAN's own, run side by side."""

import functools
import types

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.tfgan import features as ours
from tests.helpers import tfgan_oracle

if keras.backend.backend() != "tensorflow":
    pytest.skip("TF-GAN runs on TensorFlow", allow_module_level=True)

tf = pytest.importorskip("tensorflow")
clipping = tfgan_oracle.import_module("features.clip_weights")
conditioning = tfgan_oracle.import_module("features.conditioning_utils")
normalization = tfgan_oracle.import_module("features.normalization")
pooling = tfgan_oracle.import_module("features.random_tensor_pool")
spectral = tfgan_oracle.import_module("features.spectral_normalization")
virtual = tfgan_oracle.import_module("features.virtual_batchnorm")
NUM_CASES = 5000
TOLERANCE = 1e-5


def random_samples(shape, num_cases=NUM_CASES, batch_axis=0):
    """Samples of all sizes, 1 % to 3, with means of 0 to one deviation.

    TF-GAN's own formulas lose a digit for every digit that the mean has more
    than the deviation, each in its way.
    """
    generator = np.random.default_rng(0)
    ones = [1] * len(shape)
    scale = 10.0 ** generator.uniform(-2, 0.5, (num_cases, *ones))
    mean = generator.uniform(size=(num_cases, *ones))
    samples = scale * (mean + generator.normal(size=(num_cases, *shape)))
    return np.moveaxis(samples, 0, batch_axis).astype("float32")


def in_session(function):
    """Returns what a function makes in a graph of its own, as TF-GAN's."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        result = function()
        session.run(tf.compat.v1.global_variables_initializer())
        return session.run(result)


def in_mode(mode, function, *arguments):
    """Returns what a function of ours makes in one of the three modes."""
    if mode != "eager":
        function = tf.function(function, jit_compile=mode == "xla")
    return np.array(function(*arguments))


def difference(found, expected, batch_axis=0):
    """The largest difference of a case, relative to its largest value."""
    found, expected = (
        np.moveaxis(np.asarray(part, "float64"), batch_axis, 0).reshape(
            part.shape[batch_axis], -1
        )
        for part in (found, expected)
    )
    size = np.abs(expected).max(axis=1, keepdims=True)
    return (np.abs(found - expected) / np.where(size > 0, size, 1.0)).max()


# Instance and group normalization. Every sample is a case.


def initializers(channels):
    generator = np.random.default_rng(1)
    return {
        "beta": generator.normal(size=channels),
        "gamma": generator.uniform(0.5, 2.0, size=channels),
    }


NORMS = {
    "instance_norm": ("instance_norm", (5, 4, 6), 6, {}),
    "instance_norm, NCHW": (
        "instance_norm",
        (6, 5, 4),
        6,
        {"data_format": "NCHW"},
    ),
    "instance_norm, rank 3, no scale": (
        "instance_norm",
        (9, 4),
        4,
        {"scale": False, "epsilon": 1e-3},
    ),
    "instance_norm, no center, relu": (
        "instance_norm",
        (3, 3, 4),
        4,
        {"center": False, "activation_fn": keras.activations.relu},
    ),
    "group_norm": ("group_norm", (3, 2, 64), 64, {}),
    "group_norm, NCHW": (
        "group_norm",
        (6, 5, 4),
        6,
        {"groups": 3, "channels_axis": -3, "reduction_axes": (-2, -1)},
    ),
    "group_norm, one axis": (
        "group_norm",
        (5, 4, 6),
        6,
        {"groups": 2, "reduction_axes": (1,)},
    ),
    "group_norm, mean_close_to_zero": (
        "group_norm",
        (5, 4, 6),
        6,
        {"groups": 2, "mean_close_to_zero": True, "epsilon": 1e-3},
    ),
}


def compare_norms(name, mode, num_cases=NUM_CASES):
    function, shape, channels, kwargs = NORMS[name]
    samples = random_samples(shape, num_cases)
    values = initializers(channels)
    expected = in_session(
        lambda: getattr(normalization, function)(
            tf.constant(samples),
            param_initializers={
                key: tf.compat.v1.constant_initializer(value)
                for key, value in values.items()
            },
            **kwargs,
        )
    )
    inputs = keras.Input(shape)
    model = keras.Model(
        inputs,
        getattr(ours, function)(
            inputs,
            param_initializers={
                key: keras.initializers.Constant(value)
                for key, value in values.items()
            },
            **kwargs,
        ),
    )
    return difference(in_mode(mode, model, samples), expected)


@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
@pytest.mark.parametrize("name", NORMS)
def test_norms_equal_tf_gans(name, mode):
    assert compare_norms(name, mode) <= TOLERANCE


# Virtual batch normalization. Every sample is a case.

VBNS = {
    "VBN": ((7, 5, 4, 6), {}),
    "VBN, matrices": ((7, 6), {"epsilon": 1e-2}),
    "VBN, axis 1": ((7, 6, 5, 4), {"axis": 1}),
    "VBN, batch_axis 1": ((5, 7, 6), {"batch_axis": 1, "axis": 2}),
    "VBN, matrices, no center": ((7, 6), {"center": False}),
    "VBN, matrices, no scale": ((7, 6), {"scale": False}),
}


def compare_vbn(name, mode, num_cases=NUM_CASES):
    shape, kwargs = VBNS[name]
    batch_axis = kwargs.get("batch_axis", 0)
    reference = np.random.default_rng(2).normal(0.5, size=shape)
    reference = reference.astype("float32")
    sample_shape = shape[:batch_axis] + shape[batch_axis + 1 :]
    samples = random_samples(sample_shape, num_cases, batch_axis)
    values = initializers(6)

    def expected():
        normalize = virtual.VBN(
            tf.constant(reference),
            beta_initializer=tf.compat.v1.constant_initializer(values["beta"]),
            gamma_initializer=tf.compat.v1.constant_initializer(
                values["gamma"]
            ),
            **kwargs,
        )
        return (
            normalize(tf.constant(samples)),
            normalize.reference_batch_normalization(),
        )

    normalize = ours.VBN(
        reference,
        beta_initializer=keras.initializers.Constant(values["beta"]),
        gamma_initializer=keras.initializers.Constant(values["gamma"]),
        **kwargs,
    )
    of_samples, of_reference = in_session(expected)
    return max(
        difference(in_mode(mode, normalize, samples), of_samples, batch_axis),
        difference(
            in_mode(mode, normalize.reference_batch_normalization),
            of_reference,
            batch_axis,
        ),
    )


@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
@pytest.mark.parametrize("name", VBNS)
def test_virtual_batch_normalization_equals_tf_gans(name, mode):
    assert compare_vbn(name, mode) <= TOLERANCE


# Conditioning. Every sample is a case. `tf.compat.v1.layers` is gone from
# TensorFlow, so TF-GAN is given the two functions it needs of it.

CONDITIONS = {
    "condition_tensor": ("condition_tensor", (4, 3), (5,)),
    "condition_tensor, rank 3": ("condition_tensor", (7,), (2, 5)),
    "condition_tensor_from_onehot": (
        "condition_tensor_from_onehot",
        (4, 3),
        (5,),
    ),
}


def compare_conditioning(name, mode, num_cases=NUM_CASES):
    function, shape, condition_shape = CONDITIONS[name]
    samples = random_samples(shape, num_cases)
    condition = random_samples(condition_shape, num_cases)[::-1].copy()
    inputs = [keras.Input(shape), keras.Input(condition_shape)]
    model = keras.Model(inputs, getattr(ours, function)(*inputs))
    *embedding, kernel, bias = (
        np.random.default_rng(3).normal(size=weight.shape)
        for weight in model.get_weights()
    )
    model.set_weights([*embedding, kernel, bias])

    def dense(inputs, units, kernel_initializer):
        assert kernel_initializer.__class__.__name__ == "GlorotUniform"
        assert kernel.shape == (inputs.shape[1], units)
        kernel32, bias32 = kernel.astype("float32"), bias.astype("float32")
        return tf.matmul(inputs, kernel32) + bias32

    def get_variable(name, shape):
        assert name == "embedding"
        assert list(embedding[0].shape) == list(shape)
        return tf.constant(embedding[0].astype("float32"))

    stand_in = types.SimpleNamespace(
        **{name: getattr(tf, name) for name in ("argmax", "nn", "shape")},
        reshape=tf.reshape,
        get_static_value=tf.get_static_value,
        compat=types.SimpleNamespace(
            v1=types.SimpleNamespace(
                get_variable=get_variable,
                glorot_uniform_initializer=(
                    tf.compat.v1.glorot_uniform_initializer
                ),
                layers=types.SimpleNamespace(
                    dense=dense,
                    flatten=lambda x: tf.reshape(x, [x.shape[0], -1]),
                ),
            )
        ),
    )
    before, conditioning.tf = conditioning.tf, stand_in
    try:
        expected = getattr(conditioning, function)(
            tf.constant(samples), tf.constant(condition)
        )
    finally:
        conditioning.tf = before
    found = in_mode(mode, model, [samples, condition])
    return difference(found, expected.numpy())


@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
@pytest.mark.parametrize("name", CONDITIONS)
def test_conditioning_equals_tf_gans(name, mode):
    assert compare_conditioning(name, mode) <= TOLERANCE


# Spectral normalization: runs of calls, since every call moves `u`.

SPECTRAL = {
    "compute_spectral_norm": {},
    "compute_spectral_norm, 3 rounds": {"power_iteration_rounds": 3},
    "compute_spectral_norm, not training": {"training": False},
    "spectral_normalize": {},
    "spectral_normalize, equality_constrained=False": {
        "equality_constrained": False
    },
    "spectral_norm_regularizer": {},
}


def spectral_function(name, **kwargs):
    """Returns a function of a module and of weights."""
    short = name.split(",")[0]
    if short == "spectral_norm_regularizer":
        return lambda module, w, **u: module.spectral_norm_regularizer(
            0.3, **kwargs, **u
        )(w)
    return lambda module, w, **u: getattr(module, short)(w, **kwargs, **u)


def compare_spectral(name, mode, num_cases=NUM_CASES):
    """The weights change with every call, and `u` follows them."""
    function = spectral_function(name, **SPECTRAL[name])
    weights = random_samples((3, 2, 4), num_cases)
    u = ours.spectral_norm_u(weights[0], seed=0)
    start = u.numpy()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        w = tf.compat.v1.placeholder("float32", (3, 2, 4))
        result = function(spectral, w)
        session.run(tf.compat.v1.global_variables_initializer())
        (variable,) = tf.compat.v1.global_variables()
        variable.load(start, session)
        run = session.make_callable(result, [w])
        expected = np.array([run(case) for case in weights])
        last = session.run(variable)
    call = functools.partial(function, ours, u=u)
    if mode != "eager":
        call = tf.function(call, jit_compile=mode == "xla")
    found = np.array([call(tf.constant(case)) for case in weights])
    return max(difference(found, expected), difference(u.numpy().T, last.T))


@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
@pytest.mark.parametrize("name", SPECTRAL)
def test_spectral_norms_equal_tf_gans(name, mode):
    num_cases = 200 if mode == "eager" else NUM_CASES
    assert compare_spectral(name, mode, num_cases) <= TOLERANCE


def test_gradient_of_spectral_normalization_equals_tf_gans():
    weights = random_samples((3, 2, 4), 1)[0]
    u = ours.spectral_norm_u(weights, seed=0)
    start = u.numpy()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        w = tf.constant(weights)
        loss = tf.reduce_sum(spectral.spectral_normalize(w) ** 3)
        (gradient,) = tf.gradients(loss, [w])
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.global_variables()[0].load(start, session)
        expected = session.run(gradient)
    w = tf.constant(weights)
    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = tf.reduce_sum(ours.spectral_normalize(w, u=u) ** 3)
    found = tape.gradient(loss, w)
    assert difference(found.numpy()[None], expected[None]) <= TOLERANCE


# Weight clipping: every value, or every row, is a case.

CLIPS = {
    "clip_variables": None,
    "VariableClippingOptimizer, rows": [1],
    "VariableClippingOptimizer, whole": [0, 1],
}


def compare_clipping(name, mode, num_cases=NUM_CASES):
    axes = CLIPS[name]
    weights, gradients = random_samples((2, 7), num_cases).swapaxes(0, 1)
    limit = 30.0 if axes == [0, 1] else 0.5
    variable = keras.Variable(weights)
    optimizer = keras.optimizers.SGD(0.3)
    if axes is None:
        optimizer = ours.clip_variables(optimizer, [variable], limit)
    else:
        optimizer = ours.VariableClippingOptimizer(
            optimizer, {variable.path: axes}, limit
        )
    optimizer.build([variable])

    def update(gradient):
        optimizer.apply([gradient], [variable])
        return variable.value

    found = in_mode(mode, update, tf.constant(gradients))

    def expected():
        variable = tf.compat.v1.get_variable("weights", initializer=weights)
        optimizer = tf.compat.v1.train.GradientDescentOptimizer(0.3)
        if axes is None:
            optimizer = clipping.clip_variables(optimizer, [variable], limit)
        else:
            optimizer = clipping.VariableClippingOptimizer(
                optimizer, {variable.ref(): axes}, limit
            )
            # TensorFlow's variables are no keys any more, references are.
            optimizer._vars_to_clip_dims = ByReference(
                optimizer._vars_to_clip_dims
            )
        update = optimizer.apply_gradients([(tf.constant(gradients), variable)])
        with tf.control_dependencies([update]):
            return variable.read_value()

    return difference(found, in_session(expected))


class ByReference(dict):
    """A dict whose keys are looked up by reference."""

    def __contains__(self, key):
        return super().__contains__(key.ref())

    def __getitem__(self, key):
        return super().__getitem__(key.ref())


@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
@pytest.mark.parametrize("name", CLIPS)
def test_clipping_equals_tf_gans(name, mode):
    assert compare_clipping(name, mode) <= TOLERANCE


# The pool draws: without a choice it must give the same, with one the same
# ages as often.


def run_pools(pool_size, probability, mode, num_cases=NUM_CASES):
    """Returns what both pools give for the batches 0, 1, 2, ..."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.set_random_seed(1)
        batch = tf.compat.v1.placeholder("float32", (2,))
        output = pooling.tensor_pool(
            {"batch": batch},
            pool_size=pool_size,
            pooling_probability=probability,
        )
        run = session.make_callable(output["batch"], [batch])
        batches = np.arange(2 * num_cases, dtype="float32").reshape(-1, 2)
        expected = np.array([run(case) for case in batches])
    pool = ours.TensorPool(pool_size, probability, seed=1)
    call = pool
    if mode != "eager":
        call = tf.function(pool, jit_compile=mode == "xla")
    pool({"batch": tf.zeros(2)})  # Makes its variables.
    pool.num_kept.assign(0)
    found = np.array(
        [call({"batch": tf.constant(case)})["batch"] for case in batches]
    )
    return found, expected


@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
@pytest.mark.parametrize(
    ("pool_size", "probability"), [(1, 1.0), (1, 0.0), (50, 0.0)]
)
def test_pool_without_a_choice_gives_what_tf_gans_gives(
    pool_size, probability, mode
):
    num_cases = 300 if mode == "eager" else NUM_CASES
    found, expected = run_pools(pool_size, probability, mode, num_cases)
    np.testing.assert_array_equal(found, expected)


def test_pool_gives_batches_of_the_ages_that_tf_gans_gives():
    ages = []
    for given in run_pools(5, 0.5, "graph"):
        index = given[:, 0] / 2
        np.testing.assert_array_equal(given[:, 1], given[:, 0] + 1)
        np.testing.assert_array_equal(index[:5], np.arange(5))
        _, counts = np.unique(index, return_counts=True)
        assert counts.max() == 2  # When it came, and when it was taken out.
        ages.append(np.arange(len(index)) - index)
    # A batch is given at once with probability 1/2; the ages of the others
    # are geometric with mean 5.
    for age in ages:
        old = age[age > 0]
        assert len(old) == pytest.approx(NUM_CASES / 2, rel=0.06)
        assert old.mean() == pytest.approx(5.0, rel=0.08)
        assert (old == 1).mean() == pytest.approx(1 / 5, rel=0.15)


def test_tensor_pool_in_a_model_keeps_and_gives():
    inputs = keras.Input(batch_shape=(2,))
    model = keras.Model(
        inputs, ours.tensor_pool(inputs, pool_size=1, pooling_probability=1.0)
    )
    given = [
        ops.convert_to_numpy(model(ops.array([k, -k], "float32")))[0]
        for k in range(4)
    ]
    assert given == [0.0, 0.0, 1.0, 2.0]
