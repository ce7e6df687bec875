"""The order that a model sees, in `fit`, `evaluate` and after `seek`."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss.data import ResumableArrays
from keras_ganloss.data import ResumableData
from tests.helpers import limits


class Notes(keras.layers.Layer):
    """Writes down the first feature of each sample."""

    def __init__(self):
        super().__init__()
        self.seen = self.add_weight(
            shape=(64,), initializer="zeros", trainable=False
        )
        self.count = self.add_weight(
            shape=(), dtype="int32", initializer="zeros", trainable=False
        )

    def call(self, inputs):
        x = inputs[:, 0]
        indices = self.count + ops.arange(ops.shape(x)[0])
        self.seen.assign(ops.scatter_update(self.seen, indices[:, None], x))
        self.count.assign_add(ops.shape(x)[0])
        return inputs


class Recorder(keras.Model):
    """Learns nothing, and knows what it was trained on."""

    def __init__(self, **kwargs):
        super().__init__()
        self.notes = Notes()
        self.dense = keras.layers.Dense(1)
        self(np.zeros((1, 1), "float32"))
        self.notes.count.assign(0)
        self.compile("sgd", **kwargs)

    def call(self, inputs):
        return self.dense(self.notes(inputs))

    def compute_loss(self, x, y, y_pred, *args, **kwargs):
        return 0.0 * ops.sum(y_pred)

    def flush(self):
        """Returns what was seen since the last call."""
        count = int(self.notes.count)
        self.notes.count.assign(0)
        return ops.convert_to_numpy(self.notes.seen)[:count].tolist()


def arrays():
    return ResumableArrays(
        np.arange(10, dtype="float32")[:, None], batch_size=3, seed=1
    )


@pytest.fixture
def recorder():
    return Recorder()


@pytest.mark.parametrize("steps_per_execution", [1, 3])
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.filterwarnings("error::UserWarning")
def test_fit_sees_the_order_whatever_shuffle_says(steps_per_execution, shuffle):
    if limits.STEPS_PER_EXECUTION.applies:
        steps_per_execution = 1
    model = Recorder(steps_per_execution=steps_per_execution)
    data = arrays()
    model.fit(data, epochs=3, verbose=0, shuffle=shuffle)
    expected = [index for epoch in range(3) for index in data.order(epoch)]
    assert model.flush() == expected


@pytest.mark.filterwarnings("error::UserWarning")
def test_passes_go_on_counting(recorder):
    data = arrays()
    recorder.fit(data, epochs=2, verbose=0)
    recorder.flush()
    recorder.fit(data, epochs=1, verbose=0)
    assert recorder.flush() == data.order(2).tolist()
    recorder.evaluate(data, verbose=0)
    assert recorder.flush() == data.order(3).tolist()
    assert data.epoch == 4


def test_seek_starts_in_the_middle_once(recorder):
    data = arrays()
    data.seek(5, 2)
    # Keras wonders why the first epoch is short; `Backup` explains it.
    with pytest.warns(UserWarning, match="ran out of data"):
        recorder.fit(data, epochs=2, verbose=0)
    expected = [*data.order(5)[6:], *data.order(6)]
    # On TensorFlow the step that found no data counts none either.
    assert recorder.flush() == expected


def test_fit_after_a_fit_that_broke_off(recorder):
    data = arrays()

    def stop(batch, logs=None):
        raise KeyboardInterrupt

    data.seek(0, 2)
    with pytest.raises(KeyboardInterrupt):
        recorder.fit(
            data,
            verbose=0,
            callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=stop)],
        )
    recorder.flush()
    epoch = data.epoch
    recorder.fit(data, epochs=1, verbose=0)
    assert epoch == 0
    assert recorder.flush() == data.order(1).tolist()


def test_a_look_from_outside_does_not_move_it():
    data = arrays()
    for index in (0, 1, 3, 0, -1):
        (batch,) = data[index]
        position = index % len(data)
        np.testing.assert_array_equal(
            batch[:, 0], data.order(0)[3 * position : 3 * position + 3]
        )
    assert data.epoch == 0


@pytest.mark.parametrize("epoch, batch", [(-1, 0), (0, 4), (0, -1)])
def test_seek_refuses_what_there_is_not(epoch, batch):
    with pytest.raises(ValueError, match="Received: epoch="):
        arrays().seek(epoch, batch)


def test_index_out_of_range():
    with pytest.raises(IndexError, match="There are 4 batches"):
        arrays()[4]


def test_no_batches():
    with pytest.raises(ValueError, match="num_batches=0"):
        ResumableData(0)
