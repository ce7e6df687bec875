"""LeCam regularization, for little data."""

import keras
from keras import ops

from keras_ganloss.penalties.penalty import Penalty
from keras_ganloss.penalties.penalty import mean_of_outputs
from keras_ganloss.utils import arguments
from keras_ganloss.utils.replicas import joint_mean


def le_cam_distance(real_output, fake_output, real_mean, fake_mean):
    """Squares of how far outputs lie beyond the other side's mean."""
    return ops.square(ops.relu(real_output - fake_mean)) + ops.square(
        ops.relu(real_mean - fake_output)
    )


@keras.saving.register_keras_serializable(package="keras_ganloss")
class LeCam(Penalty):
    """Holds outputs on real samples near the fakes' mean, and vice versa.

    `weight * mean(relu(real - fake_mean)^2 + relu(real_mean - fake)^2)`, with
    moving means of the outputs. With little data it keeps the discriminator
    from learning the data by heart. The paper's formula has plain squares;
    its code, and all others, have the `relu`.

    Args:
        weight: Float or schedule. Defaults to 0.3, the paper's for CIFAR-10
            and a hinge loss. It belongs to the scale of the outputs: with a
            logistic loss papers use 1e-6 and less.
        decay: Float in [0, 1), of the moving means. Defaults to 0.99.
        start: Int, the update of the discriminator from which on the penalty
            is added; the means are followed from the first one. Defaults to
            1000.
        name: The name in the logs. Defaults to `"le_cam"`.

    Raises:
        ValueError: If `weight` or `start` is negative, or `decay` is not in
            [0, 1).

    Example:

    ```python
    gan.compile(d_loss="hinge", penalties=[LeCam(0.3)])
    ```

    Reference: [Tseng et al., 2021](https://arxiv.org/abs/2104.03310)
    """

    def __init__(self, weight=0.3, decay=0.99, start=1000, name=None):
        super().__init__(weight, name)
        self.decay = arguments.fraction("decay", decay, ends="[)")
        self.start = arguments.non_negative_int("start", start)
        self.real_mean, self.fake_mean, self._is_known = [
            keras.Variable(
                0.0,
                trainable=False,
                dtype="float32",
                aggregation="only_first_replica",
                name=part,
            )
            for part in ("real_mean", "fake_mean", "is_known")
        ]

    @property
    def state(self):
        return [self.real_mean, self.fake_mean, self._is_known]

    def update_state(self, real_output, fake_output):
        # The first means are taken as they are.
        decay = self.decay * self._is_known
        for mean, output in (
            (self.real_mean, real_output),
            (self.fake_mean, fake_output),
        ):
            new = ops.cast(joint_mean(output), "float32")
            mean.assign(decay * mean + (1.0 - decay) * new)
        self._is_known.assign(1.0)

    def __call__(self, judge, real, fake):
        def distance_of(real_output, fake_output):
            means = [
                ops.cast(mean.value, real_output.dtype)
                for mean in (self.real_mean, self.fake_mean)
            ]
            return le_cam_distance(real_output, fake_output, *means)

        distance = mean_of_outputs(
            distance_of, judge.outputs(real), judge.outputs(fake)
        )
        has_begun = ops.convert_to_tensor(judge.step) >= self.start
        is_on = ops.cast(has_begun, distance.dtype) * ops.cast(
            self._is_known.value, distance.dtype
        )
        return self.weighted(is_on * distance, judge.step)

    def get_config(self):
        return {
            **super().get_config(),
            "decay": self.decay,
            "start": self.start,
        }
