"""The abstract metric of a game itself, not of the samples of batches."""

import weakref
from typing import Any

from keras_ganloss.metrics.sample_metric import SampleMetric
from keras_ganloss.utils.typing import Nest


class GameMetric(SampleMetric):
    """Abstract: read off a game at the end of an evaluation.

    For what the samples of the batches do not show, such as how samples
    follow their latents. Subclasses fill `measure`, `get_config` if they have
    settings, and `check_game` if they do not go with every game.

    Args:
        name: See `SampleMetric`.
    """

    _game = None

    def set_game(self, game: Any) -> None:
        self.check_game(game)
        self._game = weakref.ref(game)

    def make_state(self, sample_shapes: Any) -> None:
        del sample_shapes  # Nothing to keep.

    def collect(self, real: Nest, fake: Nest) -> None:
        del real, fake

    def result(self) -> Any:
        """Returns what `measure` says.

        Raises:
            ValueError: If no game has been compiled with this metric.
        """
        game = self._game and self._game()
        if game is None:
            raise ValueError(
                f"`{type(self).__name__}` measures a game: pass it to "
                "`compile(metrics=[...])`. Received: no game, or one that is "
                "gone"
            )
        return self.measure(game)

    def check_game(self, game: Any) -> None:
        """Raises a `ValueError` where a game cannot be measured."""

    def measure(self, game: Any) -> Any:
        """Returns a number, or a dict of name to number.

        Args:
            game: The compiled game, after the last batch.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must implement `measure`."
        )
