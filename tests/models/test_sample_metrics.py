"""When a game measures its samples, and under which names."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss.metrics import SampleMetric

SAMPLES = np.zeros((10, 3), "float32")


class Count(SampleMetric):
    """How many fakes it was shown, twice as many besides."""

    def make_state(self, sample_shapes):
        self.shapes = sample_shapes
        self.total = self.add_variable((), "zeros", name="total")

    def collect(self, real, fake):
        self.total.assign_add(ops.cast(ops.shape(fake)[0], "float32"))

    def result(self):
        total = float(ops.convert_to_numpy(self.total.value))
        return {self.name: total, "twice": 2.0 * total}


class Silent(keras.Model):
    """A generator that does not tell what it makes."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, latent):
        return self.dense(latent)


def make_gan(generator=None):
    return GAN(
        generator or keras.Sequential([keras.Input((2,)), layers.Dense(3)]),
        keras.Sequential([keras.Input((3,)), layers.Dense(1)]),
        latent_shape=2,
        seed=0,
    )


def test_counts_the_samples_of_evaluations_alone():
    gan = make_gan()
    gan.compile(metrics=[Count(), keras.metrics.MeanSquaredError("error")])
    history = gan.fit(
        SAMPLES,
        batch_size=4,
        epochs=2,
        validation_data=SAMPLES[:7],
        verbose=0,
    ).history
    assert history["val_count"] == [7.0, 7.0]
    assert history["val_twice"] == [14.0, 14.0]
    assert "count" not in history
    assert len(history["error"]) == len(history["val_error"]) == 2


def test_names_are_those_of_the_numbers():
    gan = make_gan()
    gan.compile(metrics=[Count(), keras.metrics.MeanSquaredError("error")])
    numbers = gan.evaluate(SAMPLES, batch_size=4, verbose=0)
    named = dict(zip(gan.metrics_names, numbers, strict=True))
    assert named["count"] == 10.0
    assert named["twice"] == 20.0
    assert named == gan.evaluate(
        SAMPLES, batch_size=4, verbose=0, return_dict=True
    )


def test_is_built_in_compile():
    gan, metric = make_gan(), Count()
    gan.compile(metrics=[metric])
    assert metric.shapes == [(None, 3)]


def test_silent_generator():
    gan = make_gan(Silent())
    gan.generator(np.zeros((1, 2)))
    with pytest.raises(ValueError, match=r"Build it first.*Received"):
        gan.compile(metrics=[Count()])
    metric = Count()
    metric.build([(None, 3)])
    gan.compile(metrics=[metric])
    assert gan.evaluate(SAMPLES, verbose=0, return_dict=True)["count"] == 10.0


def test_without_validation_data():
    gan = make_gan()
    gan.compile(metrics=[Count()])
    with pytest.warns(UserWarning, match="Pass `validation_data`.*'count'"):
        gan.fit(SAMPLES, verbose=0)


def test_two_of_one_name():
    message = r"name of its own.*Received: metrics called \['count', 'count'\]"
    with pytest.raises(ValueError, match=message):
        make_gan().compile(metrics=[Count(), Count()])
