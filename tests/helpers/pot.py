"""POT, an oracle of transport distances.

It imports every backend that it finds, which takes longer than its answers.
"""

import os

import pytest

for name in ("TENSORFLOW", "JAX", "PYTORCH", "CUPY"):
    os.environ.setdefault(f"POT_BACKEND_DISABLE_{name}", "1")

ot = pytest.importorskip("ot", reason="POT is not installed.")
