"""Update rules: who moves when, and with whose gradient."""

from keras_ganloss.updates.alternating import Alternating as Alternating
from keras_ganloss.updates.consensus import (
    AlternatingConsensus as AlternatingConsensus,
)
from keras_ganloss.updates.consensus import Consensus as Consensus
from keras_ganloss.updates.simultaneous import Simultaneous as Simultaneous
from keras_ganloss.updates.unrolled import Unrolled as Unrolled
from keras_ganloss.updates.update_rule import UpdateRule as UpdateRule
from keras_ganloss.utils import registry

# The only list there is, of those that need no arguments.
CLASSES = registry.by_snake_case_name(
    Alternating, AlternatingConsensus, Consensus, Simultaneous
)


def get(identifier: object) -> UpdateRule:
    """Returns the `UpdateRule` of a name, a config or an instance."""
    return registry.get(identifier, UpdateRule, CLASSES, name="updates")
