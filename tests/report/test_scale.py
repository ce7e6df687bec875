import pytest

from keras_ganloss.report.scale import Scale
from keras_ganloss.report.scale import decades
from keras_ganloss.report.scale import round_numbers


@pytest.mark.parametrize(
    "low, high, expected",
    [
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-3.0, 5.0, [-2.0, 0.0, 2.0, 4.0]),
        (1.0, 3.0, [1.0, 1.5, 2.0, 2.5, 3.0]),
        (0.0, 4.1e-5, [0.0, 1e-5, 2e-5, 3e-5, 4e-5]),
        (7.0, 7.0, [7.0]),
    ],
)
def test_round_numbers(low, high, expected):
    assert round_numbers(low, high) == expected


def test_numbers_alike_up_to_rounding():
    assert len(round_numbers(1.0, 1.0 + 4e-16)) <= 9


@pytest.mark.parametrize(
    "low, high, expected",
    [
        (0.05, 20.0, [0.1, 1.0, 10.0]),
        (1.0, 1000.0, [1.0, 10.0, 100.0, 1000.0]),
        (1e-9, 10.0, [1e-9, 1e-6, 1e-3, 1.0]),
    ],
)
def test_decades(low, high, expected):
    assert decades(low, high) == pytest.approx(expected)


def test_places():
    scale = Scale(0.0, 10.0, 100, 200)
    assert [scale(0.0), scale(2.5), scale(10.0)] == [100, 125, 200]
    upside_down = Scale(1.0, 100.0, 50, 0, is_logarithmic=True)
    assert upside_down(10.0) == pytest.approx(25)
    assert Scale(3.0, 3.0, 0, 10)(3.0) == 5
