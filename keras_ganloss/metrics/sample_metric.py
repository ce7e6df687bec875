"""The abstract metric of samples."""

from typing import Any

import keras

from keras_ganloss.utils.described import Described
from keras_ganloss.utils.registry import snake_case
from keras_ganloss.utils.typing import Nest


class SampleMetric(Described, keras.metrics.Metric):
    """Abstract: measured over a whole evaluation, after its last batch.

    Passed to `compile(metrics=[...])`. A game shows it the real and the
    generated samples of every batch of `evaluate` and of `validation_data`,
    and reads it once, at the end; not while it trains, since each step makes
    another generator.

    Subclasses fill `make_state`, `collect`, `result`, and `get_config` if
    they have settings. `collect` runs in the compiled step: it is made of
    `keras.ops` and keeps what it needs in variables, or in metrics such as
    `SampleBuffer`, which are attributes. `result` runs outside of it, in
    numpy and float64 if it likes. What has more than one number returns a
    dict.

    Args:
        name: Optional name, the key in the logs. Defaults to that of the
            class, such as `"frechet_distance"`.
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(
            name=name or snake_case(type(self).__name__), dtype="float32"
        )
        self.built: bool = False

    def set_game(self, game: Any) -> None:
        """Meets the game, in its `compile`, before `build`.

        Args:
            game: The game that is compiled with this metric.

        Raises:
            ValueError: If such a game cannot be measured.
        """

    def build(self, sample_shapes: Any) -> None:
        """Makes the state, once. Games do so in `compile`.

        Args:
            sample_shapes: List of the shapes of the parts of samples, batch
                included.

        Raises:
            ValueError: If such samples cannot be measured.
        """
        if not self.built:
            self.make_state([tuple(shape) for shape in sample_shapes])
            self.built = True

    def update_state(
        self, real: Nest, fake: Nest, sample_weight: Any = None
    ) -> None:
        """Takes the samples of a batch into account.

        Args:
            real, fake: Tensors of shape `(batch_size, ...)`, or nests of
                such.
            sample_weight: Must be `None`: samples count alike.

        Raises:
            ValueError: If there is a `sample_weight`, or if such samples
                cannot be measured.
        """
        if sample_weight is not None:
            raise ValueError(
                f"`{type(self).__name__}` compares sets of samples, all of "
                "which count alike. Leave the weights out. "
                f"Received: sample_weight={sample_weight!r}"
            )
        if not self.built:
            parts = keras.tree.flatten(fake)
            self.build([getattr(part, "shape", None) for part in parts])
        self.collect(real, fake)

    def make_state(self, sample_shapes: Any) -> None:
        """Makes the variables; see `build`."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `make_state`."
        )

    def collect(self, real: Nest, fake: Nest) -> None:
        """Adds the samples of a batch to the state; see `update_state`."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `collect`."
        )

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}
