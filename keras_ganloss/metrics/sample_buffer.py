"""The first samples of an evaluation, kept in a variable."""

from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.metrics.numpy_value import numpy_value
from keras_ganloss.utils import arguments
from keras_ganloss.utils.shapes import compatible
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Shape


class SampleBuffer(keras.metrics.Metric):
    """Keeps the first samples that it is shown, and ignores those after.

    For what needs all samples at once, such as distances of pairs. A part of
    a metric, which resets it along with itself. The first samples stand for
    all where these come in no order, as fakes do; shuffle data that are
    sorted by class.

    Args:
        capacity: Int, how many samples there is room for.
        shape: Tuple, the shape of a sample.
        name: Optional name.

    Raises:
        ValueError: If `capacity` is less than 1, or if there are several
            replicas: Keras adds up what each of them has.

    Example:

    >>> buffer = SampleBuffer(capacity=3, shape=(1,))
    >>> buffer.update_state([[1.0], [2.0]])
    >>> buffer.update_state([[3.0], [4.0]])
    >>> buffer.result().ravel().tolist()
    [1.0, 2.0, 3.0]
    """

    def __init__(
        self, capacity: int, shape: Shape, name: str = "sample_buffer"
    ) -> None:
        super().__init__(name=name, dtype="float32")
        arguments.positive_int("capacity", capacity)
        _check_replicas(backend.num_replicas())
        self.capacity = capacity
        self.shape: tuple[int, ...] = tuple(shape)
        # One row more, in which what does not fit is written, and lost.
        self.rows: keras.Variable = self.add_variable(
            (capacity + 1, *self.shape), "zeros", dtype="float32", name="rows"
        )
        self.seen: keras.Variable = self.add_variable(
            (), "zeros", dtype="int32", name="seen"
        )
        # One on each replica, and the number of replicas to who reads it.
        self.replicas: keras.Variable = self.add_variable(
            (), "zeros", dtype="int32", name="replicas"
        )

    def update_state(self, samples: Nest) -> None:
        """Adds samples.

        Args:
            samples: Tensor of shape `(batch_size, *shape)`.
        """
        samples = ops.cast(samples, "float32")
        if not compatible(tuple(samples.shape[1:]), self.shape):
            raise ValueError(
                f"Expected samples of shape {self.shape}. "
                f"Received: samples.shape={tuple(samples.shape)}"
            )
        num = ops.shape(samples)[0]
        places = self.seen.value + ops.arange(num, dtype="int32")
        places = ops.minimum(places, self.capacity)
        self.rows.assign(
            ops.scatter_update(self.rows.value, places[:, None], samples)
        )
        self.replicas.assign(1)
        # Counted up to the capacity, so that it never overflows.
        self.seen.assign(ops.minimum(self.seen.value + num, self.capacity))

    def result(self) -> Any:
        """Returns a numpy array of shape `(num_samples, *shape)`.

        Raises:
            ValueError: If several replicas have written, which it has not
                been told of when it was made.
        """
        _check_replicas(int(numpy_value(self.replicas)))
        return numpy_value(self.rows)[: int(numpy_value(self.seen))]

    def get_config(self) -> dict[str, Any]:
        return {
            "capacity": self.capacity,
            "shape": self.shape,
            "name": self.name,
        }


def _check_replicas(num_replicas):
    if num_replicas > 1:
        raise ValueError(
            "Samples of several replicas cannot be kept in one buffer. "
            "Measure what needs them on one device: save the game, load it "
            "outside of the strategy, compile it with the metric, and call "
            f"`evaluate`. Received: {num_replicas} replicas"
        )
