"""Pictures of the same latents after each epoch."""

from collections.abc import Sequence
from typing import Any

from keras_ganloss.callbacks.picture import ImageGrid
from keras_ganloss.utils.images import tile
from keras_ganloss.utils.typing import Nest


class SampleGrid(ImageGrid):
    """Saves a grid of generated images after each epoch.

    The images come from `model.generate(num, condition, seed)`, so all
    pictures show the same latents, drawn by the averaged generator if there is
    one. They are named `epoch_0001.png` and so on; each file is renamed into
    place when it is complete. Needs the package `pillow`.

    Args:
        directory: Path of the directory for the pictures, made if missing,
            or `None` for a picture that only a `Report` shows.
        num: Integer, the number of images. Defaults to 64.
        columns: Integer, the number of images in a row; divides `num`.
            Defaults to 8.
        condition: Conditions of a conditional model, an array of shape
            `(num, ...)`, in the order of the images: row by row. Defaults to
            `None`.
        seed: Integer, the seed of the latents. Defaults to 0.
        value_range: Pair `(low, high)`, the values of black and of white.
            Defaults to `None`: `(-1, 1)` if an image from before the first
            epoch has a negative value, `(0, 1)` if none has.
        every: Integer, the number of epochs from picture to picture. Defaults
            to 1.
        tensorboard: Path of a log directory, to also show the grid in
            TensorBoard, among its images. Needs the package `tensorboard`.
            Defaults to `None`.

    Raises:
        ValueError: If `num` images do not fill the rows, if `condition` has
            another length, if an argument is out of range, or, when `fit`
            begins, if the model has no `generate` or does not make images
            with 1, 3 or 4 channels.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    gan.fit(images, epochs=10, callbacks=[SampleGrid("samples")])

    # A row for each of ten labels, eight images in it.
    labels = np.repeat(np.arange(10), 8)
    grid = SampleGrid("samples", num=80, columns=8, condition=labels)
    conditional_gan.fit(images, digits, epochs=10, callbacks=[grid])
    ```
    """

    caption = "Samples of the same latents"

    def __init__(
        self,
        directory: Any = None,
        num: int = 64,
        columns: int = 8,
        condition: Nest = None,
        seed: int = 0,
        value_range: Sequence[float] | None = None,
        every: int = 1,
        tensorboard: Any = None,
    ) -> None:
        if num < 1 or columns < 1 or num % columns:
            raise ValueError(
                "`num` images must fill every row of the grid: pass a multiple"
                f" of `columns`. Received: num={num}, columns={columns}"
            )
        if condition is not None and len(condition) != num:
            raise ValueError(
                "`condition` must have one entry for each image. Received: "
                f"len(condition)={len(condition)}, num={num}"
            )
        super().__init__(directory, value_range, every, tensorboard)
        self.num = num
        self.columns = columns
        self.condition = condition
        self.seed = seed

    def samples(self) -> Any:
        return self.model.generate(
            self.num, condition=self.condition, seed=self.seed
        )

    def compose(self, samples: Nest) -> Any:
        return tile(self.pixels(samples), self.columns)
