"""What monitors look at: a game at the end of an epoch."""

import dataclasses
from typing import Any
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend
from keras_ganloss.game.judge import FLOAT16_SCALE
from keras_ganloss.game.objective import Objective
from keras_ganloss.utils.typing import Nest

LEAST_SAMPLES = 64


class View(NamedTuple):
    """A game seen on a fixed batch of data.

    Attributes:
        real: List of arrays `(num, size)`, the samples; one array for each
            part if a sample has several, such as those of `CycleGAN`.
        fake: Likewise, made from the same noise each time.
        real_output: Array of the discriminator's outputs on `real`.
        fake_output: Array of its outputs on `fake`.
        gradient: Float, the mean norm of the gradient of the generator's
            adversarial loss with respect to a sample it made.
    """

    real: Any
    fake: Any
    real_output: Any
    fake_output: Any
    gradient: float

    def is_finite(self) -> bool:
        """Whether all numbers are."""
        return _all_finite(
            *self.real,
            *self.fake,
            self.real_output,
            self.fake_output,
            self.gradient,
        )


class HeldOut(NamedTuple):
    """Data that are not trained on, before the discriminator.

    Attributes:
        real: See `View`.
        real_output: See `View`.
    """

    real: Any
    real_output: Any

    def is_finite(self) -> bool:
        """Whether all numbers are."""
        return _all_finite(*self.real, self.real_output)


def _all_finite(*arrays):
    return all(np.isfinite(array).all() for array in arrays)


@dataclasses.dataclass(frozen=True)
class Observation:
    """What is known at the end of an epoch.

    Attributes:
        epoch: Int, counted from 1; 0 is before training.
        logs: Dict of the epoch's logs, those of earlier callbacks included.
        penalties: Names of those logs that are penalties.
        real: `View` on samples that are trained on, or `None`.
        held_out: `HeldOut`, samples that are not, or `None`.
        d_penalties: Names of those logs that are the discriminator's
            penalties, each once.
    """

    epoch: int
    logs: dict[str, Any]
    penalties: tuple[str, ...] = ()
    real: Any = None
    held_out: Any = None
    d_penalties: tuple[str, ...] = ()


class Observer:
    """Looks at a game and leaves it as it was.

    The networks run as in `evaluate`: with the averaged generator where
    there is one, without dropout, and with moving statistics that stay as
    they are. The random state of the game is put back.

    Args:
        game: A `Game` that is compiled.
        batch_size: Int, how many samples at a time.
        seed: Int, the seed of the noise.
        features: Optional function of samples, as arrays, that returns what
            they are compared by.
    """

    def __init__(
        self, game: Any, batch_size: int, seed: Any, features: Any = None
    ) -> None:
        self.game = game
        self.batch_size = batch_size
        self.seed = seed
        self.features = features

    def look(self, data: Nest) -> View:
        """Returns the `View` of data, a tuple as `fit` gets it."""
        real, fake, *outputs, gradient = self._columns(self._look, data)
        return View(
            _joined(real),
            _joined(fake),
            *map(np.concatenate, outputs),
            float(np.mean(gradient)),
        )

    def score(self, data: Nest) -> HeldOut:
        """Returns data as `HeldOut`."""
        real, outputs = self._columns(self._score, data)
        return HeldOut(_joined(real), np.concatenate(outputs))

    def _columns(self, function, data):
        """Returns what a function returns for each batch, by what it is."""
        with self.game.random_state_kept(self.seed):
            rows = [function(batch) for batch in self._batches(data)]
        return zip(*rows, strict=True)

    def _batches(self, data):
        num = len(keras.tree.flatten(data)[0])
        size = min(self.batch_size, num)
        data = keras.tree.map_structure(np.asarray, data)
        for start in range(0, num - size + 1, size):
            part = slice(start, start + size)
            yield keras.tree.map_structure(
                lambda leaf, part=part: _to_tensor(leaf[part]), data
            )

    def _look(self, batch):
        samples = self._turn().draw(batch).stop_gradient()
        num = len(keras.tree.flatten(samples.fake)[0])
        scale = num * FLOAT16_SCALE  # For layers that compute in float16.

        def adversarial(fake):
            shown = samples._replace(fake=fake)
            duels = self.game.duels(shown, self._turn())
            objective = Objective("g", {})
            for duel in duels:
                objective.add_duel(self.game.g_loss, duel)
            outputs = [_outputs(duels, which) for which in ("real", "fake")]
            return scale * objective.adversarial, outputs

        _, outputs, gradients = backend.value_and_input_gradients(
            adversarial, samples.fake
        )
        squares = [np.square(rows).sum(axis=1) for rows in flat_rows(gradients)]
        return (
            self._comparable(samples.real),
            self._comparable(samples.fake),
            *map(_flat, outputs),
            np.sqrt(np.sum(squares, axis=0)).mean() / FLOAT16_SCALE,
        )

    def _score(self, batch):
        turn = self._turn()
        samples = turn.draw(batch).stop_gradient()
        outputs = _outputs(self.game.duels(samples, turn), "real")
        return self._comparable(samples.real), _flat(outputs)

    def _comparable(self, samples):
        if self.features is not None:
            samples = keras.tree.map_structure(ops.convert_to_numpy, samples)
            samples = self.features(samples)
        return flat_rows(samples)

    def _turn(self):
        return self.game.turn("discriminator", "generator", training=False)


def _outputs(duels, which):
    return [duel.judge.outputs(getattr(duel, which)) for duel in duels]


def _flat(nest):
    """Returns all numbers of a nest of tensors in one array."""
    return np.concatenate([rows.ravel() for rows in flat_rows(nest)])


def _joined(batches):
    """Returns the parts of all batches of samples."""
    return [np.concatenate(part) for part in zip(*batches, strict=True)]


def as_data(name: str, data: Nest) -> Any:
    """Returns a tuple as `fit` gets it, or `None`."""
    if data is None:
        return None
    data = data if isinstance(data, tuple) else (data,)
    leaves = keras.tree.flatten(data)
    lengths = {len(leaf) if np.ndim(leaf) else 0 for leaf in leaves}
    if len(lengths) > 1 or min(lengths) < LEAST_SAMPLES:
        raise ValueError(
            f"`{name}` must be arrays of at least {LEAST_SAMPLES} samples, or "
            "a tuple of such as long as each other. Received: "
            f"{name} with shapes {[np.shape(leaf) for leaf in leaves]}"
        )
    return data


def flat_rows(samples: Nest) -> list[Any]:
    """Returns each part of a nest as an array `(num, size)`, in float64."""
    rows = [ops.convert_to_numpy(leaf) for leaf in keras.tree.flatten(samples)]
    return [leaf.reshape(len(leaf), -1).astype("float64") for leaf in rows]


def _to_tensor(leaf):
    is_float = np.issubdtype(leaf.dtype, np.floating)
    return ops.convert_to_tensor(
        leaf, dtype=keras.config.floatx() if is_float else None
    )
