"""Pictures of inputs beside a model's answers and the right ones."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_ganloss.callbacks.picture import ImageGrid
from keras_ganloss.callbacks.picture import check_range
from keras_ganloss.utils import images as image_utils
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.variables import random_state_kept

COLUMN = 48  # Width that a heading has room above, in pixels.


def pick(arrays: Any, output: Any, name: str) -> Any:
    """Returns one of several outputs, or the only one.

    Args:
        arrays: An array, or a dict, list or tuple of arrays.
        output: A key of the dict, an index of the list, or `None` if there
            is only one.
        name: What the arrays are called in the error.

    Raises:
        ValueError: If there are several and `output` is none of them, or if
            there is an array alone and `output` is not `None`.
    """
    if not keras.tree.is_nested(arrays):
        if output is None:
            return arrays
        raise ValueError(
            f"Leave `output` out: {name} is an array alone. "
            f"Received: output={output!r}"
        )
    entries = arrays if isinstance(arrays, dict) else dict(enumerate(arrays))
    names = list(entries)
    if output is None and len(names) == 1:
        return entries[names[0]]
    if output not in names:
        raise ValueError(
            f"`output` must say which one to draw: {name} has {names}. "
            f"Received: output={output!r}"
        )
    return entries[output]


class AnswerGrid(ImageGrid):
    """Saves, after each epoch, inputs beside answers and the right answers.

    For models that make images of something: `SupervisedGAN`, `CycleGAN`
    without `y`, or any other `keras.Model`, so that a supervised model can be
    looked at before a learned loss is added, and after. A row for each of
    `x`, with the columns "input", "answer" and "right". The averaged
    generator answers if there is one; a model that draws has the same random
    state in every picture.

    Inputs that are no images, such as labels, or that have several parts are
    left out. Those of another size are scaled to that of the answers, and
    gray is drawn as color beside color.

    Args:
        directory: See `SampleGrid`.
        x: Inputs as `predict` takes them, one for each row: an array of shape
            `(num, ...)`, or a nest of such. Some eight are enough.
        y: The right answers as `fit` takes them, images of shape `(num,
            height, width, channels)`, or a dict or list with such. Defaults
            to `None`: there is no column for them.
        output: Which output to draw if the model has several: a key if they
            are a dict, an index if they are a list. Defaults to `None`.
        value_range: Pair `(low, high)`, the values of black and of white of
            answers. Defaults to `None`: `(-1, 1)` if `y`, or without it an
            answer from before the first epoch, has a negative value, else
            `(0, 1)`.
        input_range: Likewise, of inputs. Defaults to `None`: `(-1, 1)` if `x`
            has a negative value, else `(0, 1)`.
        every, tensorboard: See `SampleGrid`.

    Raises:
        ValueError: If `x` or `y` is not what is described here, an argument
            is out of range, `output` names no output, or, when `fit` begins,
            if the model does not make images with 1, 3 or 4 channels of the
            shape of `y`.
        ImportError: If a package that is needed is missing.

    Example:

    ```python
    few = x_test[:8], y_test[:8]
    unet.fit(x, y, epochs=10, callbacks=[AnswerGrid("before", *few)])

    gan = SupervisedGAN.from_compiled(unet, discriminator)
    gan.fit(x, y, epochs=10, callbacks=[AnswerGrid("after", *few)])
    ```
    """

    tag = "answers"
    caption = "Answers to the same inputs"

    def __init__(
        self,
        directory: Any,
        x: Nest,
        y: Nest = None,
        output: Any = None,
        value_range: Sequence[float] | None = None,
        input_range: Sequence[float] | None = None,
        every: int = 1,
        tensorboard: Any = None,
    ) -> None:
        x = _as_rows("x", x)
        num = len(keras.tree.flatten(x)[0])
        if y is not None:
            y = pick(_as_rows("y", y, num), output, "`y`")
            if not _are_images(y):
                raise ValueError(
                    "`y` must be images of shape (num, height, width, "
                    "channels) with 1, 3 or 4 channels, as `fit` takes them. "
                    f"Received: y of shape {_shapes(y)}"
                )
        check_range("input_range", input_range)
        super().__init__(directory, value_range, every, tensorboard)
        self.x = x
        self.y = y
        self.output = output
        self.input_range: Sequence[float] | None = input_range
        if self.value_range is None and y is not None:
            self.value_range: Sequence[float] | None = image_utils.guess_range(
                y
            )
        if self.input_range is None and _are_images(x):
            self.input_range = image_utils.guess_range(x)

    def check_model(self) -> None:
        if not isinstance(self.model, keras.Model):
            raise ValueError(
                "`AnswerGrid` needs a `keras.Model` that is called on `x`, "
                f"such as `SupervisedGAN`. Received: model={self.model!r}"
            )

    def samples(self) -> Any:
        with random_state_kept(self.model, seed=0):
            outputs = self.model.predict_on_batch(self.x)
        answers = pick(outputs, self.output, "what the model returns")
        num = len(keras.tree.flatten(self.x)[0])
        return answers[:num]  # Replicas of TensorFlow answer one by one.

    def prepare(self) -> None:
        super().prepare()
        made = self.samples().shape
        if self.y is not None and made != self.y.shape:
            raise ValueError(
                "`y` must be of the shape of the model's answers to `x`. "
                f"Received: y of shape {self.y.shape}, answers of shape {made}"
            )

    def compose(self, samples: Nest) -> np.ndarray:
        columns = {}
        if _are_images(self.x):
            inputs = image_utils.channels_last(self.x)
            columns["input"] = image_utils.to_pixels(inputs, self.input_range)
        columns["answer"] = self.pixels(samples)
        if self.y is not None:
            columns["right"] = self.pixels(self.y)
        height, width = columns["answer"].shape[1:3]
        channels = max(pixels.shape[-1] for pixels in columns.values())
        alike = [
            image_utils.with_channels(
                image_utils.resize(pixels, height, width), channels
            )
            for pixels in columns.values()
        ]
        cells = np.stack(alike, axis=1).reshape(-1, height, width, channels)
        grid = image_utils.tile(
            image_utils.enlarge(cells, len(columns), COLUMN), len(columns)
        )
        return image_utils.add_labels(grid, columns=list(columns))


def _as_rows(name, arrays, num=None):
    """Returns a nest as numpy; raises unless all have `num` rows."""
    lengths = {np.shape(leaf)[:1] for leaf in keras.tree.flatten(arrays)}
    if len(lengths) != 1 or lengths & {(), (0,)}:
        raise ValueError(
            f"`{name}` must be an array with a row for each row of the grid, "
            "or a nest of such arrays of equal length. "
            f"Received: {name} of type {type(arrays).__name__} and of shape "
            f"{_shapes(arrays)}"
        )
    if num is not None and lengths != {(num,)}:
        raise ValueError(
            "`y` must have an answer for each row of `x`. Received: "
            f"x of {num} rows, y of shape {_shapes(arrays)}"
        )
    return keras.tree.map_structure(keras.ops.convert_to_numpy, arrays)


def _are_images(arrays):
    return not keras.tree.is_nested(arrays) and image_utils.are_images(
        image_utils.channels_last(arrays)
    )


def _shapes(arrays):
    return keras.tree.map_structure(np.shape, arrays)
