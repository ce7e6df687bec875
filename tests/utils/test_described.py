"""What is passed to a game is shown as the call that makes it."""

import keras
import numpy as np
import pytest

from keras_ganloss import balances
from keras_ganloss import distances
from keras_ganloss import losses
from keras_ganloss import metrics
from keras_ganloss import models
from keras_ganloss import monitors
from keras_ganloss import optimizers
from keras_ganloss import penalties
from keras_ganloss import pools
from keras_ganloss import transforms
from keras_ganloss import updates
from keras_ganloss.report import settings
from tests.helpers.networks import game

SPACE = {"keras": keras, **vars(keras.layers)}
MODULES = (
    balances, losses, metrics, models, monitors, optimizers, penalties, pools,
    transforms, updates,
)  # fmt: skip
for module in MODULES:
    SPACE |= vars(module)
SPACE |= vars(penalties) | vars(losses.divergences)

CALLS = {
    "R1(weight=0.1)": penalties.R1(0.1),
    "R1(weight=1)": penalties.R1(1.0),
    "Every(penalty=R1(weight=0.5), steps=4)": penalties.Every(
        penalties.R1(0.5), steps=4
    ),
    "LeCam(weight=0.3, start=10)": penalties.LeCam(start=10),
    "WeightClipping(limit=0.1)": penalties.WeightClipping(0.1),
    "PathLength(weight=2)": penalties.PathLength(),
    "Hinge()": losses.Hinge(),
    "Hinge().d_loss": losses.Hinge().d_loss,
    "Wasserstein().g_loss": losses.Wasserstein().g_loss,
    "ModifiedMinimax(label_smoothing=0.25)": losses.ModifiedMinimax(0.25),
    "TopK(base=Hinge(), fraction=0.25)": losses.TopK(losses.Hinge(), 0.25),
    "FGAN(divergence=Pearson())": losses.FGAN("pearson"),
    "Sinkhorn(num_iterations=5)": losses.Sinkhorn(num_iterations=5),
    "MaximumMeanDiscrepancy(scales=[1, 2])": (
        losses.MaximumMeanDiscrepancy([1.0, 2.0])
    ),
    "Pack()": transforms.Pack(),
    "Pack(size=3)": transforms.Pack(3),
    "DiffAugment(policy=['color'])": transforms.DiffAugment(["color"]),
    "ADA(augmentations=[DiffAugment(policy=['cutout'])])": transforms.ADA(
        [transforms.DiffAugment(["cutout"])]
    ),
    "InstanceNoise(stddev=PolynomialDecay(initial_learning_rate=0.5, "
    "decay_steps=10, end_learning_rate=0))": transforms.InstanceNoise(
        keras.optimizers.schedules.PolynomialDecay(0.5, 10, 0.0)
    ),
    "SamplePool(size=10)": pools.SamplePool(10),
    "BatchPool(batch_size=4)": pools.BatchPool(4),
    "APA(target=0.5)": pools.APA(target=0.5),
    "Alternating()": updates.Alternating(),
    "Unrolled(learning_rate=0.1, steps=3)": updates.Unrolled(0.1, 3),
    "Consensus(weight=2)": updates.Consensus(2.0),
    "GradientRatio(ratio=0.5, ema=0.9)": balances.GradientRatio(0.5, ema=0.9),
    "FrechetDistance(features='samples')": metrics.FrechetDistance("samples"),
    "CriticDistance()": metrics.CriticDistance(),
    "Categorical(num_classes=10, weight=1)": models.Categorical(10),
    "OptimisticSGD(learning_rate=0.25)": optimizers.OptimisticSGD(0.25),
    "RollBack(retries=2)": monitors.RollBack(2),
    "ModeCollapse(patience=2)": monitors.ModeCollapse(patience=2),
}


@pytest.mark.parametrize("call", CALLS)
def test_repr(call):
    assert repr(CALLS[call]) == call


REGISTERED = [
    entry
    for classes in (
        losses.CLASSES, pools.CLASSES, updates.CLASSES, transforms.CLASSES
    )
    for entry in classes.values()
]  # fmt: skip


@pytest.mark.parametrize("entry", REGISTERED)
def test_repr_is_the_call(entry):
    """Evaluated again, it makes an equal object."""
    first = entry()
    again = eval(repr(first), SPACE)
    assert type(again) is type(first)
    assert again.get_config() == first.get_config()


def test_what_is_half_made_has_a_repr():
    assert repr(object.__new__(penalties.R1)) == "R1()"
    assert repr(object.__new__(losses.TopK)) == "TopK()"


def test_an_array_and_a_network_are_short():
    coverage = metrics.ModeCoverage(np.zeros((100, 2)), 0.1)
    assert "centers=a list of 100, " in repr(coverage)
    network = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(1)], name="judge"
    )
    distance = penalties.Distance(distances.Perceptual(network))
    assert "network=judge" in repr(distance)


def test_reprs_in_the_report():
    gan = game(
        penalties=[penalties.R1(0.1), penalties.WeightClipping(0.1)],
        transforms=[transforms.InstanceNoise(0.5)],
        pool=pools.SamplePool(10),
        updates=updates.Consensus(2.0),
        metrics=[metrics.FrechetDistance("samples")],
    )
    found = settings(gan)
    assert found["penalties"] == "WeightClipping(limit=0.1), R1(weight=0.1)"
    assert found["transforms"] == "InstanceNoise(stddev=0.5)"
    assert found["pool"] == "SamplePool(size=10)"
    assert found["updates"] == "Consensus(weight=2)"
    assert found["metrics"] == "FrechetDistance(features='samples')"
    assert found["d_loss"] == found["g_loss"] == "ModifiedMinimax()"
