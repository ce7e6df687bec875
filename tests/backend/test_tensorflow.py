"""What TensorFlow's graph optimizer must not take apart."""

import keras
import pytest
from keras import layers

from keras_ganloss import GAN
from keras_ganloss.penalties import Drift
from tests.helpers import limits

pytestmark = limits.only("tensorflow", "graphs")


def operations(graph):
    """Types of the operations of a graph and of the functions it calls."""
    nodes = list(graph.as_graph_def().node)
    for function in graph.as_graph_def().library.function:
        nodes += function.node_def
    return [node.op for node in nodes]


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
@pytest.mark.parametrize("d_steps", [1, 2])
def test_no_operation_joins_the_gradients(updates, d_steps):
    # Taken apart, it would leave reads of variables that nothing makes come
    # before the update, and now and then a run would differ.
    import tensorflow as tf

    gan = GAN(
        *(
            keras.Sequential([keras.Input((size,)), layers.Dense(3 - size)])
            for size in (1, 2)
        )
    )
    gan.compile(
        d_loss="wasserstein",
        penalties=[Drift()],
        updates=updates,
        d_steps=d_steps,
    )
    step = tf.function(gan.train_step, autograph=False)
    graph = step.get_concrete_function(tf.zeros((4, 2))).graph
    found = operations(graph)
    assert "IdentityN" not in found
    assert found.count("MatMul") > 0
