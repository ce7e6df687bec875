import os
import subprocess
import sys


def test_another_backend_is_told_which_are_supported():
    result = subprocess.run(
        [sys.executable, "-c", "import keras_ganloss"],
        env={**os.environ, "KERAS_BACKEND": "openvino"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    (message,) = (
        line
        for line in result.stderr.splitlines()
        if line.startswith("ImportError: ")
    )
    assert "supports the Keras backends ('jax', 'tensorflow', 'torch')" in (
        message
    )
    assert "environment variable KERAS_BACKEND" in message
    assert message.endswith("Received: backend='openvino'")
