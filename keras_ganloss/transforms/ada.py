"""Adaptive discriminator augmentation."""

from typing import Any

import keras

from keras_ganloss.transforms.transform import TrainingTransform
from keras_ganloss.transforms.transform import Transform
from keras_ganloss.utils.adaptive_probability import AdaptiveProbability
from keras_ganloss.utils.choices import chosen
from keras_ganloss.utils.choices import where_chosen
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class ADA(TrainingTransform):
    """Augments the more, the surer the discriminator is of the real samples.

    That keeps it from learning a small data set by heart. Each augmentation
    meets each sample with a probability, which starts at 0 and goes up while
    the mean sign of the outputs on real samples is above `target`. That needs
    a loss for which 0 is undecided, such as `"modified_minimax"` or `"hinge"`;
    a Wasserstein or a relativistic loss leaves it open where 0 lies. Every
    output of a discriminator with several counts.

    Args:
        augmentations: List of `Transform`s that keep the shape, such as
            `DiffAugment` or `Augment`, done in this order.
        target: Float, the mean sign aimed at. Defaults to 0.6.
        interval: Int, every how many updates of the discriminator the
            probability is adjusted. Defaults to 4.
        num_samples: Int, in how many judged samples the probability can go
            from 0 to 1. Defaults to 500,000; less for short trainings.
        initial: Float, the first probability. Defaults to 0.

    Attributes:
        probability: The `keras.Variable` of the current probability. It ends
            at 1. In the authors' code it goes on rising, which changes no
            sample, but takes as long to come down again.

    Raises:
        ValueError: If an argument is not what is described here.

    Example:

    ```python
    ada = ADA([DiffAugment(["translation"]), DiffAugment(["cutout"])])
    gan.compile(d_loss="modified_minimax", transforms=[ada])
    ```

    Reference: [Karras et al., 2020](https://arxiv.org/abs/2006.06676)
    """

    def __init__(
        self,
        augmentations: Any,
        target: float = 0.6,
        interval: int = 4,
        num_samples: int = 500_000,
        initial: float = 0.0,
    ) -> None:
        listed = isinstance(augmentations, (list, tuple))
        for augmentation in augmentations if listed else [augmentations]:
            if not listed or not isinstance(augmentation, Transform):
                raise ValueError(
                    "`augmentations` must be a list of `Transform`s; wrap "
                    "layers of Keras, `Augment([layer])`. Received: "
                    f"augmentation={augmentation!r} (of type "
                    f"{type(augmentation).__name__})"
                )
        self.augmentations = list(augmentations)
        self._adaptive = AdaptiveProbability(
            target, interval, num_samples, initial
        )

    @property
    def probability(self) -> Any:
        return self._adaptive.value

    @property
    def state(self) -> list[Any]:
        entries = [*self._adaptive.state]
        for augmentation in self.augmentations:
            entries += augmentation.state
        return entries

    def update_state(self, real_output: Tensor, fake_output: Tensor) -> None:
        for augmentation in self.augmentations:
            augmentation.update_state(real_output, fake_output)
        self._adaptive.update(real_output)

    def transform(self, samples: Nest, turn: Any) -> Nest:
        for augmentation in self.augmentations:
            mask = chosen(self.probability, samples, turn.seed_generator)
            augmented, _ = augmentation(samples, None, turn)
            samples = where_chosen(mask, augmented, samples)
        return samples

    def output_shapes(self, shapes: Any) -> Any:
        for augmentation in self.augmentations:
            if augmentation.output_shapes(shapes) != shapes:
                raise ValueError(
                    "`augmentations` must keep the shape of samples, of which "
                    "some go by without. Pass what changes it to `compile` "
                    "itself: `transforms=[ADA(...), Pack(2)]`. Received: "
                    f"augmentation={augmentation!r}, sample shapes {shapes}"
                )
            if augmentation.condition_shapes([]):
                raise ValueError(
                    "`augmentations` must not tell the discriminator anything,"
                    " as some samples go by without. Pass it to `compile` "
                    "itself: `transforms=[ADA(...), Diffuse(...)]`. Received: "
                    f"augmentation={augmentation!r}"
                )
        return shapes

    def get_config(self) -> dict[str, Any]:
        return {
            "augmentations": [
                keras.saving.serialize_keras_object(augmentation)
                for augmentation in self.augmentations
            ],
            **self._adaptive.get_config(),
        }
