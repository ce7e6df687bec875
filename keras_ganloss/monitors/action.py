"""What to do about findings."""

from typing import Any

from keras_ganloss.utils.described import Described


class Action(Described):
    """Abstract: does something when a monitor has found something.

    Subclasses fill `act`, and what else they need.

    Args:
        on: Optional list of the names of the findings to act on. Defaults to
            all that are failures.

    Raises:
        ValueError: If `on` is not a list of names.
    """

    def __init__(self, on: Any = None) -> None:
        if isinstance(on, str) or (on is not None and not list(on)):
            raise ValueError(
                "`on` must be a list of names of findings, such as "
                f"`on=['equilibrium']`, or `None`. Received: on={on!r}"
            )
        self.on = on

    def begin(self, model: Any, monitors: Any, epoch: int) -> None:
        """Called before the first epoch.

        Args:
            model: The game.
            monitors: List of the `Monitor`s that watch it.
            epoch: Int, the number of epochs done before.

        Raises:
            ValueError: If `on` names something that none of them finds.
        """
        del model, epoch
        names = [monitor.name for monitor in monitors]
        unknown = [name for name in self.on or () if name not in names]
        if unknown:
            raise ValueError(
                f"`on` must hold names of what is watched for: {names}. "
                f"Received: on={self.on}"
            )

    def applies(self, monitor: Any) -> bool:
        """Whether to act on what a monitor has found."""
        if self.on is None:
            return monitor.is_failure
        return monitor.name in self.on

    def end_epoch(self, model: Any, monitors: Any, epoch: int) -> None:
        """Called after each epoch in which there was nothing to act on."""

    def act(self, model: Any, monitors: Any) -> str:
        """Acts; returns a sentence about what was done."""
        raise NotImplementedError(f"{type(self).__name__} must implement `act`")
