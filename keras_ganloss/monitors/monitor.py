"""One thing that can happen in a game, and how it is noticed."""

import re
from typing import Any
from typing import NamedTuple

from keras_ganloss.utils import arguments
from keras_ganloss.utils.described import Described


class Finding(NamedTuple):
    """What a monitor has found.

    Attributes:
        epoch: Int, the epoch at whose end it was named, counted from 1 as
            by the progress bar.
        name: String, such as `"mode_collapse"`.
        evidence: String, the numbers it was seen by.
        remedy: String, what to change.
    """

    epoch: int
    name: str
    evidence: str
    remedy: str


class Reading(NamedTuple):
    """What a monitor reads off an epoch.

    Attributes:
        numbers: Dict of name to float, for the logs; the same names in each
            epoch.
        evidence: String if the epoch shows the symptom, else `None`.
    """

    numbers: dict[str, float]
    evidence: Any = None


class Monitor(Described):
    """Abstract: watches for one symptom.

    Subclasses fill `read`, and the attributes. What lasts for `patience`
    epochs is named once; it is over after as many epochs without it.

    Attributes:
        needs: Names of what an `Observation` must have: `"real"`,
            `"held_out"`.
        numbers: Names of the numbers that `read` returns.
        is_failure: Bool, whether it is bad news.
        watches_beginning: Bool, whether it has something to say while the
            discriminator has not played yet (`adversarial_start`), and logs
            have no `"d_loss"`.
        remedy: String, what to change.

    Args:
        patience: Int, how many epochs in a row make a finding.

    Raises:
        ValueError: If `patience` is not a positive int.
    """

    needs: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    is_failure = True
    watches_beginning = False
    remedy = ""

    def __init__(self, patience: int) -> None:
        self.patience: int = arguments.positive_int("patience", patience)
        self._present = self._absent = 0
        self._is_named = False

    @property
    def name(self) -> str:
        """The class's name in snake case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    @property
    def limits(self) -> dict[str, tuple[str, float]]:
        """Where it looks for the symptom: `{name of log: ("below", 0.3)}`."""
        return {}

    def begin(self, observation: Any) -> None:
        """Called with what there is before the first epoch."""

    def read(self, observation: Any) -> Reading:
        """Returns the `Reading` of an epoch."""
        raise NotImplementedError(
            f"{type(self).__name__} must implement `read`."
        )

    def stops(self, logs: dict[str, Any]) -> bool:
        """Whether a batch with these logs must be the last one."""
        del logs
        return False

    @property
    def suspects(self) -> bool:
        """Whether the last epoch showed the symptom, or it is not over."""
        return bool(self._present) or self._is_named

    def start(self, observation: Any) -> None:
        """Forgets earlier runs, and begins."""
        self._present = self._absent = 0
        self._is_named = False
        self.begin(observation)

    def update(self, observation: Any) -> tuple[dict[str, Any], Any]:
        """Returns the numbers of an epoch, and a `Finding` or `None`."""
        reading = self.read(observation)
        if reading.evidence is None:
            self._present, self._absent = 0, self._absent + 1
            if self._absent >= self.patience:
                self._is_named = False
            return reading.numbers, None
        self._present, self._absent = self._present + 1, 0
        if self._is_named or self._present < self.patience:
            return reading.numbers, None
        self._is_named = True
        evidence = reading.evidence
        if self.patience > 1:
            evidence += f", {self.patience} epochs in a row"
        return reading.numbers, Finding(
            observation.epoch, self.name, evidence, self.remedy
        )


def check_fraction(**fractions: Any) -> None:
    """Raises unless numbers lie strictly between 0 and 1."""
    for name, value in fractions.items():
        arguments.fraction(name, value, ends="()")
