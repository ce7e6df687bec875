"""From numbers to places on a chart, and the ticks between them."""

import math

MOST_DECADES = 5


class Scale:
    """Maps numbers to places, linearly or by their logarithm.

    Args:
        low, high: The extremes of the numbers.
        start, end: Their places.
        is_logarithmic: Bool; `low` must then be positive.
    """

    def __init__(
        self,
        low: float,
        high: float,
        start: float,
        end: float,
        is_logarithmic: bool = False,
    ) -> None:
        self.low = low
        self.high = high
        self.start = start
        self.end = end
        self.is_logarithmic = is_logarithmic

    def __call__(self, value: float) -> float:
        low, high, value = map(self._transform, (self.low, self.high, value))
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.end - self.start)

    def ticks(self, count: int = 4) -> list[float]:
        """Returns round numbers within the extremes, about `count`."""
        if self.is_logarithmic:
            return decades(self.low, self.high)
        return round_numbers(self.low, self.high, count)

    def _transform(self, value):
        return math.log10(value) if self.is_logarithmic else value


def round_numbers(low: float, high: float, count: int = 4) -> list[float]:
    """Returns multiples of 1, 2 or 5 times a power of ten.

    Example:

    >>> round_numbers(0.13, 0.97)
    [0.2, 0.4, 0.6, 0.8]
    """
    if not high > low:
        return [low]
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * min((1, 2, 5, 10), key=lambda x: abs(x * power - rough))
    first, last = math.ceil(low / step), math.floor(high / step)
    # Of many numbers alike beyond the digits of a float, there is no tick.
    if last - first > 2 * count:
        return [low]
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]


def decades(low: float, high: float) -> list[float]:
    """Returns powers of ten from `low` to `high`, not too many.

    Example:

    >>> decades(0.05, 20.0)
    [0.1, 1.0, 10.0]
    """
    first = math.ceil(math.log10(low) - 1e-9)
    last = math.floor(math.log10(high) + 1e-9)
    step = max(1, -(-(last - first + 1) // MOST_DECADES))
    return [10.0**power for power in range(first, last + 1, step)]
