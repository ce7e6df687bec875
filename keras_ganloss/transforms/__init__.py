"""Transforms: what happens to samples before the discriminator sees them."""

from keras_ganloss.transforms.ada import ADA as ADA
from keras_ganloss.transforms.augment import Augment as Augment
from keras_ganloss.transforms.blur import Blur as Blur
from keras_ganloss.transforms.diff_augment import DiffAugment as DiffAugment
from keras_ganloss.transforms.diffuse import Diffuse as Diffuse
from keras_ganloss.transforms.instance_noise import (
    InstanceNoise as InstanceNoise,
)
from keras_ganloss.transforms.pack import Pack as Pack
from keras_ganloss.transforms.random_window import RandomWindow as RandomWindow
from keras_ganloss.transforms.transform import (
    TrainingTransform as TrainingTransform,
)
from keras_ganloss.transforms.transform import Transform as Transform
from keras_ganloss.utils import registry

# The only list there is, of those that need no arguments.
CLASSES = registry.by_snake_case_name(DiffAugment, InstanceNoise, Pack)


def get(identifier: object) -> Transform:
    """Returns the `Transform` of a name, a config or an instance."""
    return registry.get(identifier, Transform, CLASSES, name="transforms")
