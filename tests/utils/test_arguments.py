"""A number, a choice and a list mean the same wherever they are passed."""

import keras
import numpy as np
import pytest
from keras import layers as keras_layers

from keras_ganloss import GAN
from keras_ganloss import LatentGAN
from keras_ganloss import balances
from keras_ganloss import callbacks
from keras_ganloss import data
from keras_ganloss import layers
from keras_ganloss import losses
from keras_ganloss import metrics
from keras_ganloss import models
from keras_ganloss import monitors
from keras_ganloss import penalties
from keras_ganloss import pools
from keras_ganloss import recipes
from keras_ganloss import transforms
from keras_ganloss import updates
from keras_ganloss.utils import arguments
from tests.helpers.networks import game
from tests.helpers.networks import linear
from tests.helpers.networks import raises
from tests.helpers.networks import vectors


def compiled(**kwargs):
    gan = GAN(*vectors())
    gan.compile(**kwargs)
    return gan


X = np.ones((64, 2), "float32")

# What takes an int: the argument, and who takes it.
INTS = [
    ("d_steps", compiled),
    ("g_steps", compiled),
    ("num", lambda num: game().generate(num)),
    ("num", lambda num: LatentGAN(linear(3, 2), num)),
    ("latent_shape", lambda latent_shape: GAN(*vectors(), (latent_shape,))),
    ("size", transforms.Pack),
    ("interval", lambda interval: pools.APA(interval=interval)),
    ("num_samples", lambda num_samples: pools.APA(num_samples=num_samples)),
    ("size", pools.SamplePool),
    ("size", lambda size: pools.BatchPool(4, size)),
    ("batch_size", pools.BatchPool),
    ("steps", lambda steps: penalties.Every(penalties.R1(1.0), steps)),
    ("batch_shrink", lambda batch_shrink: penalties.PathLength(
        batch_shrink=batch_shrink)),
    ("start", lambda start: penalties.LeCam(start=start)),
    ("steps", lambda steps: updates.Unrolled(0.1, steps)),
    ("num_steps", recipes.annealed),
    ("num_directions", losses.SlicedWasserstein),
    ("num_iterations", lambda num_iterations: losses.Sinkhorn(
        num_iterations=num_iterations)),
    ("num_kernels", layers.MinibatchDiscrimination),
    ("kernel_dim", lambda kernel_dim: layers.MinibatchDiscrimination(
        4, kernel_dim)),
    ("group_size", layers.MinibatchStandardDeviation),
    ("num_features", lambda num_features: layers.MinibatchStandardDeviation(
        num_features=num_features)),
    ("num_classes", layers.Projection),
    ("num_classes", layers.ConditionalBatchNormalization),
    ("power_iterations", lambda power_iterations: layers.SpectralNormalization(
        keras_layers.Dense(1), power_iterations)),
    ("num_classes", lambda num_classes: metrics.ClassCoverage(
        linear(2, 5), num_classes)),
    ("num_samples", lambda num_samples: metrics.SlicedWassersteinDistance(
        "samples", num_samples=num_samples)),
    ("k", lambda k: metrics.PrecisionRecallDensityCoverage("samples", k=k)),
    ("num_classes", models.Categorical),
    ("size", models.Uniform),
    ("patience", lambda patience: monitors.ModeCollapse(patience=patience)),
    ("window", lambda window: monitors.Oscillation(window=window)),
    ("retries", monitors.RollBack),
    ("batch_size", lambda batch_size: callbacks.GameMonitor(
        X, batch_size=batch_size)),
    ("every", lambda every: callbacks.SampleGrid(every=every)),
    ("every", lambda every: callbacks.TensorBoard("logs", every=every)),
    ("num_frames", lambda num_frames: callbacks.Report(
        "r.html", num_frames=num_frames)),
    ("save_freq", lambda save_freq: callbacks.Backup(
        "b", save_freq, data=data.ResumableArrays(X))),
    ("batch_size", lambda batch_size: data.ResumableArrays(
        X, batch_size=batch_size)),
    ("seed", lambda seed: data.ResumableArrays(X, seed=seed)),
]  # fmt: skip


@pytest.mark.parametrize("name, make", INTS)
def test_an_int_is_the_same_everywhere(name, make):
    make(**{name: 5})
    make(**{name: np.int64(5)})
    make(**{name: np.uint8(5)})
    wrongs = [True, np.True_, 5.0, np.float64(5.0), "5", -1]
    if name != "latent_shape":  # There it is one latent of several.
        wrongs.append([5])
    for wrong in wrongs:
        with raises(f"`{name}` must be an integer of at least"):
            make(**{name: wrong})


# What takes a number of at least or above 0.
NUMBERS = [
    ("weight", penalties.R1),
    ("weight", updates.Consensus),
    ("target", lambda target: penalties.GradientPenalty(target=target)),
    ("stddev", transforms.InstanceNoise),
    ("stddev", lambda stddev: penalties.FiniteDifferenceR1(stddev=stddev)),
    ("stddev", lambda stddev: penalties.LatentConsistency(stddev=stddev)),
    ("ratio", balances.GradientRatio),
    ("epsilon", lambda epsilon: balances.GradientRatio(epsilon=epsilon)),
    ("maximum", lambda maximum: balances.GradientRatio(maximum=maximum)),
    ("rate", losses.Fisher),
    ("rate", lambda rate: losses.BEGAN(rate=rate)),
    ("blur", losses.Sinkhorn),
    ("margin", losses.EnergyBased),
    ("weight", lambda weight: models.Categorical(3, weight)),
    ("floor", lambda floor: models.Uniform(floor=floor)),
    ("learning_rate", updates.Unrolled),
    ("limit", lambda limit: LatentGAN(linear(3, 2), 4, limit=limit)),
    ("limit", monitors.ExplodingPenalty),
    ("truncation", lambda truncation: game().generate(
        2, truncation=truncation)),
    ("label_smoothing", losses.Minimax),
    ("diversity", losses.BEGAN),
    ("rate", losses.LabelNoise),
    ("probability", lambda probability: pools.SamplePool(4, probability)),
    ("initial", lambda initial: pools.APA(initial=initial)),
    ("decay", lambda decay: penalties.LeCam(decay=decay)),
    ("decay", lambda decay: penalties.PathLength(decay=decay)),
    ("ema", lambda ema: compiled(ema=ema)),
    ("ema", lambda ema: balances.GradientRatio(ema=ema)),
    ("factor", lambda factor: monitors.RollBack(factor=factor)),
    ("max_copied", lambda max_copied: monitors.Memorization(
        max_copied=max_copied)),
]  # fmt: skip


@pytest.mark.parametrize("name, make", NUMBERS)
def test_a_number_is_the_same_everywhere(name, make):
    make(**{name: 0.5})
    make(**{name: np.float32(0.5)})
    for wrong in (True, "0.5", float("nan"), float("inf"), -0.5, [0.5]):
        with raises(f"`{name}` must"):
            make(**{name: wrong})


def test_factors_of_terms():
    compiled(loss_weights={"adversarial": np.float32(2.0)})
    for wrong in (True, "2", float("nan"), None):
        with raises("`loss_weights"):
            compiled(loss_weights={"adversarial": wrong})


def test_what_is_returned_is_plain():
    for value in (
        arguments.positive_int("n", np.int64(5)),
        arguments.non_negative_int("n", np.int32(0)),
    ):
        assert type(value) is int
    for value in (
        arguments.number("n", np.float32(-0.5)),
        arguments.positive("n", 3),
        arguments.non_negative("n", np.float64(0.0)),
        arguments.fraction("n", np.float32(1.0)),
    ):
        assert type(value) is float


@pytest.mark.parametrize(
    "ends, first, last",
    [("[]", True, True), ("[)", True, False), ("(]", False, True)],
)
def test_ends_of_a_fraction(ends, first, last):
    for value, is_one in ((0, first), (0.5, True), (1, last), (1.01, False)):
        if is_one:
            assert arguments.fraction("n", value, ends=ends) == value
        else:
            with raises(f"`n` must be a number in \\{ends[0]}0, 1"):
                arguments.fraction("n", value, ends=ends)


def test_a_choice_and_what_may_have_been_meant():
    assert arguments.one_of(("left", "right"), "side", "left") == "left"
    with raises("`side` must be one of", "Did you mean 'left'?"):
        arguments.one_of(("left", "right"), "side", "lefd")
    with pytest.raises(ValueError) as error:
        arguments.one_of(("left", "right"), "side", 3)
    assert "Did you mean" not in str(error.value)


def test_no_list_is_an_empty_one():
    names = ("penalties", "g_penalties", "transforms", "metrics")
    gan = compiled(**dict.fromkeys(names))
    assert gan.penalties == gan.g_penalties == gan.transforms == []
    assert gan.user_metrics == []
    assert callbacks.TensorBoard("logs", pictures=None).pictures == []
    for name in names:
        with raises(f"`{name}` must be a list"):
            compiled(**{name: {}})


def test_messages_are_short():
    with pytest.raises(ValueError) as error:
        compiled(d_steps=np.zeros((1000, 1000)))
    assert len(str(error.value)) < 300
    with pytest.raises(ValueError) as error:
        compiled(penalties="r1" * 10_000)
    assert len(str(error.value)) < 400


def test_numbers_of_numpy_survive_the_file(tmp_path):
    gan = compiled(
        d_steps=np.int64(2),
        penalties=[penalties.Every(penalties.R1(np.float32(0.5)), np.int64(2))],
        ema=np.float32(0.5),
    )
    gan.save(tmp_path / "game.keras")
    again = keras.saving.load_model(tmp_path / "game.keras")
    assert again.d_steps == 2 and again.ema == 0.5
    (every,) = again.penalties
    assert every.steps == 2 and every.penalty.weight == 0.5


@pytest.mark.parametrize("wrong", [(1, -1), (0, 0), (0, 1, 2), 1, (0, np.nan)])
def test_the_values_of_black_and_of_white(wrong):
    assert arguments.value_range("a", np.array([0, 255])) == (0.0, 255.0)
    with raises("`a` must be a pair of numbers, the values of black"):
        arguments.value_range("a", wrong)
