"""Pictures of generated images beside the real ones next to them."""

from collections.abc import Sequence
from typing import Any

from keras_ganloss.callbacks.nearest_grid import NearestGrid
from keras_ganloss.utils.typing import Nest


class NearestReals(NearestGrid):
    """Saves, after each epoch, generated images beside the nearest real ones.

    Shows whether the generator copies: with the images that it was trained
    on, a distance near 0 is one it knows by heart.

    Args:
        directory: See `SampleGrid`.
        real: Array of real images, as `fit` takes them: those trained on.
        num: Integer, how many generated images, one for each row. Defaults
            to 8.
        neighbors: Integer, how many real ones to show in a row. Defaults
            to 7.
        condition: Conditions of a conditional model, one for each row.
            Defaults to `None`.
        seed, features: See `NearestFakes`.
        value_range: Pair of the values of black and of white. Defaults to
            `None`: `(-1, 1)` if `real` has a negative value, else `(0, 1)`.
        every, tensorboard: See `SampleGrid`.

    Raises:
        ValueError: As `SampleGrid`, and if `real` does not fit.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    copies = NearestReals("copies", images)
    gan.fit(images, epochs=10, callbacks=[copies])
    ```
    """

    tag = "nearest reals"
    caption = "Generated images, each beside the nearest real ones"
    headings: tuple[str, ...] = ("fake", "nearest reals")

    def __init__(
        self,
        directory: Any,
        real: Nest,
        num: int = 8,
        neighbors: int = 7,
        condition: Nest = None,
        seed: int = 0,
        features: Any = "samples",
        value_range: Sequence[float] | None = None,
        every: int = 1,
        tensorboard: Any = None,
    ) -> None:
        super().__init__(
            directory,
            real,
            num,
            neighbors,
            condition,
            seed,
            features,
            value_range,
            every,
            tensorboard,
        )

    def ends(self, real: Nest, fake: Nest) -> tuple[Any, Any]:
        return fake, real
