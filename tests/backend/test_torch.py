"""What torch needs, or refuses."""

import keras
import pytest
from keras import layers

from keras_ganloss import GAN
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.penalties import WeightClipping
from tests.helpers import limits

pytestmark = limits.only("torch", "what it needs, or refuses")


def pair():
    return [
        keras.Sequential([keras.Input((size,)), layers.Dense(3 - size)])
        for size in (1, 2)
    ]


@pytest.mark.parametrize("penalty", [R1(1.0), GradientPenalty()])
def test_compilation_with_a_gradient_penalty_is_refused(penalty):
    with limits.JIT_COMPILE.raises():
        GAN(*pair()).compile(penalties=[penalty], jit_compile=True)


def test_compilation_without_is_not():
    gan = GAN(*pair())
    gan.compile(penalties=[WeightClipping()], jit_compile=True)
    assert gan.jit_compile is True
