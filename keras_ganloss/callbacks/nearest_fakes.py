"""Pictures of real images beside the generated ones next to them."""

from collections.abc import Sequence
from typing import Any

from keras_ganloss.callbacks.nearest_grid import NearestGrid
from keras_ganloss.utils.typing import Nest


class NearestFakes(NearestGrid):
    """Saves, after each epoch, real images beside the nearest generated ones.

    Shows what the generator has not learned: a real image that nothing it
    makes comes near to.

    Args:
        directory: See `SampleGrid`.
        real: Array of real images, as `fit` takes them, one for each row.
        num: Integer, among how many generated images to look. Defaults to
            1000.
        neighbors: Integer, how many of them to show in a row. Defaults
            to 7.
        condition: Conditions of a conditional model, one for each generated
            image. Defaults to `None`.
        seed: Integer, the seed of the latents. Defaults to 0.
        features: In what to compare: the name of a network such as
            `"fashion_and_digits"`, a `keras.Model`, or a function of a batch
            of images. Defaults to `"samples"`: by pixels, for which an image
            that is moved a little is far off.
        value_range: Pair of the values of black and of white. Defaults to
            `None`: `(-1, 1)` if `real` has a negative value, else `(0, 1)`.
        every, tensorboard: See `SampleGrid`.

    Raises:
        ValueError: As `SampleGrid`, and if `real` does not fit.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    nearest = NearestFakes("nearest", test_images[:8])
    gan.fit(images, epochs=10, callbacks=[nearest])
    ```
    """

    tag = "nearest fakes"
    caption = "Real images, each beside the nearest generated ones"
    headings: tuple[str, ...] = ("real", "nearest fakes")

    def __init__(
        self,
        directory: Any,
        real: Nest,
        num: int = 1000,
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
        return real, fake
