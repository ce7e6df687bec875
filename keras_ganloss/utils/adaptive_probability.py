"""A probability that follows how sure the discriminator is."""

from typing import Any

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.utils import arguments
from keras_ganloss.utils.replicas import global_mean
from keras_ganloss.utils.typing import Tensor


class AdaptiveProbability:
    """The heuristic of ADA: up while real outputs are too positive.

    Every `interval` batches it moves by a constant speed, up if the mean sign
    of the outputs on real samples was above `target`, down if below. It stays
    in [0, 1]: in the authors' code of ADA and of APA it may exceed 1, where it
    does no more than 1 does, but takes as long to come down again.

    Args:
        target: Float, the mean sign aimed at: 0 is a discriminator that
            cannot tell, 1 one that knows all real samples.
        interval: Int, how many batches one measurement takes.
        num_samples: Int, in how many judged samples the probability can go
            from 0 to 1.
        initial: Float in [0, 1], where it starts.
    """

    def __init__(
        self, target: float, interval: int, num_samples: int, initial: float
    ) -> None:
        if not (arguments.is_number(target) and -1 <= target <= 1):
            raise ValueError(
                "`target` must be a mean sign, in [-1, 1]. "
                f"Received: target={target}"
            )
        self.target = target
        self.interval: int = arguments.positive_int("interval", interval)
        self.num_samples: int = arguments.positive_int(
            "num_samples", num_samples
        )
        self.initial: float = arguments.fraction("initial", initial)
        self.value: keras.Variable = _variable("probability", initial)
        self._sum_of_signs = _variable("sum_of_signs")
        self._num_judged = _variable("num_judged")
        self._num_batches = _variable("num_batches")
        self.state: list[keras.Variable] = [
            self.value,
            self._sum_of_signs,
            self._num_judged,
            self._num_batches,
        ]

    def update(self, real_output: Tensor) -> None:
        """Learns from outputs on real samples, `(batch_size, ...)`."""
        real_output = ops.cast(real_output, "float32")
        count = ops.shape(backend.without_padding(real_output))[0]
        num = backend.sum_over_replicas(
            ops.convert_to_tensor(count, dtype="float32")
        )
        signs = self._sum_of_signs + num * global_mean(ops.sign(real_output))
        judged = self._num_judged + num
        batches = self._num_batches + 1.0
        due = ops.cast(batches >= self.interval, "float32")
        step = ops.sign(signs / judged - self.target) * judged
        self.value.assign(
            ops.clip(self.value + due * step / self.num_samples, 0.0, 1.0)
        )
        self._sum_of_signs.assign((1.0 - due) * signs)
        self._num_judged.assign((1.0 - due) * judged)
        self._num_batches.assign((1.0 - due) * batches)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return {
            "target": self.target,
            "interval": self.interval,
            "num_samples": self.num_samples,
            "initial": self.initial,
        }


def _variable(name, value=0.0):
    return keras.Variable(
        value,
        trainable=False,
        dtype="float32",
        aggregation="only_first_replica",
        name=name,
    )
