"""Keys of metrics of several numbers."""

from keras_ganloss.metrics.mode_coverage import ModeCoverage
from keras_ganloss.metrics.results import prefix_keys


def test_a_name_of_the_user_goes_before_each_key():
    numbers = {"modes": 3, "high_quality": 0.5}
    metric = ModeCoverage([[0.0]], 1.0)
    assert prefix_keys(metric, numbers) == numbers
    metric = ModeCoverage([[0.0]], 1.0, name="ring")
    expected = {"ring_modes": 3, "ring_high_quality": 0.5}
    assert prefix_keys(metric, numbers) == expected
    again = ModeCoverage.from_config(metric.get_config())
    assert prefix_keys(again, numbers) == expected
