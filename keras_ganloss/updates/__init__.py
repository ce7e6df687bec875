"""Update rules: who moves when, and with whose gradient."""

from keras_ganloss.updates.alternating import Alternating as Alternating
from keras_ganloss.updates.simultaneous import Simultaneous as Simultaneous
from keras_ganloss.updates.update_rule import UpdateRule as UpdateRule
from keras_ganloss.utils import registry

# The only list there is.
CLASSES = registry.by_snake_case_name(Alternating, Simultaneous)


def get(identifier):
    """Returns the `UpdateRule` of a name, a config or an instance."""
    return registry.get(identifier, UpdateRule, CLASSES)
