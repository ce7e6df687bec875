"""Trained on any backend, exported by TensorFlow, as the message says."""

import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_ganloss.export import export_generator
from tests.helpers import limits
from tests.helpers.networks import data
from tests.helpers.networks import game
from tests.helpers.networks import labelled
from tests.helpers.networks import labels
from tests.helpers.networks import train

ROOT = pathlib.Path(__file__).parents[2]
EXPORT = """
import sys
import keras
import keras_ganloss
source, target = sys.argv[1:]
assert keras.backend.backend() == "tensorflow"
keras.saving.load_model(source).export(target, verbose=False)
"""


@pytest.fixture(scope="module")
def trained():
    """A conditional generator with an average that differs from it."""
    gan = game(labelled(), rate=0.5, ema=0.9)
    train(gan, data(12), labels(12), epochs=2)
    return gan


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("1", "tf_saved_model"),
        ("generator.onnx", "onnx"),
        ("generator.tflite", "litert"),
        ("generator.xml", "openvino"),
    ],
)
def test_every_format_is_refused_at_once(trained, name, format, tmp_path):
    if not limits.EXPORT.applies:
        pytest.skip("TensorFlow writes them: see `test_generator_export.py`.")
    with limits.EXPORT.raises():
        trained.export(tmp_path / name, format=format)
    with limits.EXPORT.raises():
        export_generator(trained.generator, tmp_path / name, (3,), None, format)
    assert list(tmp_path.iterdir()) == []


def test_saved_here_and_exported_by_tensorflow(trained, tmp_path):
    trained.save(tmp_path / "gan.keras")
    result = subprocess.run(
        [sys.executable, "-c", EXPORT]
        + [tmp_path / "gan.keras", tmp_path / "1"],
        env={
            **os.environ,
            "KERAS_BACKEND": "tensorflow",
            "PYTHONPATH": str(ROOT),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        },
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    latent, condition = data(5, 3), labels(5)
    expected = trained.predict([latent, condition], verbose=0)
    serve = tf.saved_model.load(str(tmp_path / "1")).signatures[
        "serving_default"
    ]
    samples = serve(
        latent=tf.constant(latent), condition=tf.constant(condition)
    )["samples"]
    np.testing.assert_allclose(samples, expected, rtol=0, atol=1e-6)
    current = keras.ops.convert_to_numpy(
        trained.generator([latent, condition], training=False)
    )
    assert np.abs(current - expected).max() > 1e-3
