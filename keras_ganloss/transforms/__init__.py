"""Transforms: what happens to samples before the discriminator sees them."""

from keras_ganloss.transforms.transform import Transform as Transform
from keras_ganloss.utils import registry

# The only list there is.
CLASSES = registry.by_snake_case_name()


def get(identifier):
    """Returns the `Transform` of a name, a config or an instance."""
    return registry.get(identifier, Transform, CLASSES)
