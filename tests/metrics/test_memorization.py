"""The memorization check by hand, by SciPy and by a generator of copies."""

import numpy as np
import pytest
from keras import ops
from scipy import stats

from keras_ganloss.metrics.memorization import Memorization
from keras_ganloss.metrics.memorization import memorization
from keras_ganloss.metrics.memorization import rank_sum_z
from keras_ganloss.metrics.reference import Reference

RANDOM = np.random.default_rng(0)


def test_rank_sum_by_hand():
    # No pair of 3 * 3 is won, 4.5 are expected, with variance 3 * 3 * 7 / 12.
    expected = -4.5 / 5.25**0.5
    assert rank_sum_z([1, 2, 3], [4, 5, 6]) == pytest.approx(expected)
    assert rank_sum_z([4, 5, 6], [1, 2, 3]) == pytest.approx(-expected)
    assert rank_sum_z([1, 4], [2, 3]) == 0.0


@pytest.mark.parametrize("decimals", [8, 0])  # Without and with ties.
def test_rank_sum_of_another_program(decimals):
    first = RANDOM.normal(0.5, 2.0, size=20).round(decimals)
    second = RANDOM.normal(size=33).round(decimals)
    p_value = stats.mannwhitneyu(
        first,
        second,
        use_continuity=False,
        alternative="less",
        method="asymptotic",
    ).pvalue
    expected = stats.norm.ppf(p_value)
    assert rank_sum_z(first, second) == pytest.approx(expected)


def test_rank_sum_of_equal_and_of_single_numbers():
    assert rank_sum_z([2.0] * 5, [2.0] * 3) == 0.0
    assert rank_sum_z([2.0], [2.0]) == 0.0
    assert rank_sum_z([1.0], [2.0]) == pytest.approx(-1.0)


def test_memorization_by_hand():
    found = memorization(
        fake=[[0.5], [10.0], [23.0]],  # 0.5, 0 and 3 from the nearest.
        held_out=[[1.0], [8.0], [24.0]],  # 1, 2 and 4.
        training=[[0.0], [10.0], [20.0]],
        quantile=0.5,  # The median distance of held-out samples is 2.
    )
    assert found["copied_share"] == pytest.approx(2 / 3)
    # The fakes win 2 of 9 pairs.
    expected = (2.0 - 4.5) / 5.25**0.5
    assert found["memorization_z"] == pytest.approx(expected)


def test_copies_fresh_samples_and_poor_ones():
    training, held_out, fresh = RANDOM.normal(size=(3, 500, 2))
    copies = training + 1e-3 * RANDOM.normal(size=training.shape)
    found = memorization(ops.array(copies), held_out, training, quantile=0.1)
    assert found["copied_share"] > 0.9
    assert found["memorization_z"] < -10.0
    found = memorization(fresh, held_out, training, quantile=0.1)
    assert found["copied_share"] == pytest.approx(0.1, abs=0.05)
    assert abs(found["memorization_z"]) < 3.0
    found = memorization(fresh + 10.0, held_out, training, quantile=0.1)
    assert found["copied_share"] == 0.0
    assert found["memorization_z"] > 10.0


def test_one_sample_and_samples_that_are_all_equal():
    one = np.ones((1, 2))
    expected = {"copied_share": 1.0, "memorization_z": 0.0}
    assert memorization(one, one, one) == expected
    many = np.ones((4, 2))
    assert memorization(many, many, many) == expected


@pytest.mark.parametrize("quantile", [0.0, 1.0, -1, 50])
def test_quantile_that_is_none(quantile):
    with pytest.raises(ValueError, match=f"Received: quantile={quantile}"):
        memorization([[1.0]], [[1.0]], [[1.0]], quantile)


@pytest.mark.parametrize("batches", [[30], [11, 11, 8], [29, 1]])
def test_class_says_what_the_function_says_in_any_batches(batches, tmp_path):
    training, real, fake = RANDOM.normal(size=(3, 30, 2)).astype("float32")
    metric = Memorization(
        "samples",
        training=Reference(training, tmp_path),
        quantile=0.2,
        num_samples=25,
    )
    metric.update_state(ops.array(fake), ops.array(fake))
    metric.reset_state()
    starts = np.cumsum(batches)[:-1]
    for parts in zip(np.split(real, starts), np.split(fake, starts)):
        metric.update_state(*(ops.array(part) for part in parts))
    assert metric.result() == memorization(fake[:25], real[:25], training, 0.2)


def test_class_with_samples_that_are_not_finite(tmp_path):
    training = Reference(np.ones((3, 1), "float32"), tmp_path)
    metric = Memorization("samples", training=training)
    metric.update_state(np.ones((2, 1)), np.full((2, 1), np.nan))
    assert np.isnan(list(metric.result().values())).all()


@pytest.mark.parametrize("settings", [{}, {"training": np.ones((3, 1))}])
def test_class_without_training_samples(settings):
    with pytest.raises(ValueError, match="Received: training of type"):
        Memorization("samples", **settings)


def test_class_of_no_samples_or_quantile(tmp_path):
    training = Reference(np.ones((3, 1), "float32"), tmp_path)
    with pytest.raises(ValueError, match="Received: num_samples=0"):
        Memorization("samples", training=training, num_samples=0)
    with pytest.raises(ValueError, match="Received: quantile=2"):
        Memorization("samples", training=training, quantile=2)
