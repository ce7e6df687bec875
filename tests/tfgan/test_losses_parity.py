"""Our loss functions against TF-GAN's own, on cases that hypothesis finds."""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from keras_ganloss import tfgan
from tests.helpers import tfgan_loss_cases as loss_cases
from tests.helpers import tfgan_oracle

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="graphs are TensorFlow's",
)
NAMES = sorted(loss_cases.CASES)
EXTRA = {"wasserstein_gradient_penalty": ["seed"]}

plans = st.builds(
    loss_cases.Plan,
    shape=st.lists(st.integers(0, 4), max_size=4).map(tuple),
    num_classes=st.integers(1, 4),
    dtype=st.sampled_from(
        ["float32", "float64", "float16", "bfloat16", "int32"]
    ),
    reduction=st.sampled_from(loss_cases.REDUCTIONS),
    weights=st.sampled_from(loss_cases.WEIGHTS),
    generated_weights=st.sampled_from(loss_cases.WEIGHTS),
    magnitude=st.sampled_from([0.01, 1.0, 10.0, 1000.0]),
    setting=st.floats(0.0, 1.0),
    other_setting=st.floats(0.0, 2.0),
    flag=st.booleans(),
)


def check(name, plan, seed, mode="eager", num_draws=1):
    case = loss_cases.make(name, plan)
    run = loss_cases.runner(case, mode)
    generator = np.random.default_rng(seed)
    for _ in range(num_draws):
        arrays = case.draw(generator)
        results = run(arrays)
        tolerance = loss_cases.TOLERANCES[results[1].dtype.name]
        assert loss_cases.difference(case, arrays, results) <= tolerance


@pytest.mark.parametrize("name", NAMES)
def test_values_equal_tf_gans(name):
    # Some make TF-GAN build a graph, elsewhere each shape is compiled.
    count = 40 if keras.backend.backend() == "tensorflow" else 15
    if loss_cases.CASES[name].needs_graph:
        count = 8

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(plan=plans, seed=st.integers(0, 2**32 - 1))
    def compare(plan, seed):
        check(name, plan, seed)

    compare()


@on_tensorflow
@pytest.mark.parametrize("name", NAMES)
def test_values_equal_tf_gans_in_graphs(name):
    plan = loss_cases.Plan(shape=(5,), weights="sparse", setting=0.0)
    check(name, plan, seed=0, mode="graph", num_draws=10)


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="torch has no XLA"
)
@pytest.mark.parametrize("name", NAMES)
def test_values_equal_tf_gans_under_xla(name):
    plan = loss_cases.Plan(
        shape=(4, 3, 2),
        weights="broadcast",
        generated_weights="full",
        reduction="weighted_mean",
        flag=True,
    )
    check(name, plan, seed=0, mode="xla", num_draws=10)


@on_tensorflow
@pytest.mark.parametrize("name", NAMES)
def test_gradients_equal_tf_gans(name):
    plan = loss_cases.Plan(shape=(5,), weights="full", setting=0.3)
    case = loss_cases.make(name, plan)
    arrays = case.draw(np.random.default_rng(0))
    arrays.pop("labels", None)
    labels = np.eye(3, dtype="float32")[[0, 1, 2, 0, 1]]

    @tf.function(autograph=False)
    def gradients(tensors):
        both = [
            call({"labels": labels, **tensors})
            for call in (case.call_ours, case.call_theirs)
        ]
        return [
            tf.gradients(
                loss,
                list(tensors.values()),
                unconnected_gradients=tf.UnconnectedGradients.ZERO,
            )
            for loss in both
        ]

    found, expected = gradients(arrays)
    assert any(np.any(slope) for slope in expected)
    for key, one, other in zip(arrays, found, expected):
        if key != "variable":  # Ours is a `keras.Variable`.
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_every_public_function_is_here():
    public = tfgan_oracle.public_names("losses.losses_impl")
    wrappers = tfgan_oracle.public_names("losses.tuple_losses")
    assert set(NAMES) == {*public, *wrappers}
    for name in NAMES:
        assert getattr(tfgan, name) is getattr(tfgan.losses, name)
    for name in public:
        assert getattr(tfgan, name) is getattr(tfgan.losses.wargs, name)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if not name.endswith("_wrapper")]
)
def test_arguments_and_defaults_are_tf_gans(name):
    def arguments(module):
        signature = inspect.signature(getattr(module, name))
        return [
            (parameter.name, parameter.default)
            for parameter in signature.parameters.values()
        ]

    ours = arguments(tfgan)
    extra = EXTRA.get(name, [])
    assert ours[: len(ours) - len(extra)] == arguments(loss_cases.theirs)
    assert [argument for argument, _ in ours[len(ours) - len(extra) :]] == extra
