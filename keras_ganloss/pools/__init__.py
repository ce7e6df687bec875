"""Pools: what the discriminator learns from beside the newest samples."""

from keras_ganloss.pools.apa import APA as APA
from keras_ganloss.pools.batch_pool import BatchPool as BatchPool
from keras_ganloss.pools.fake_pool import FakePool as FakePool
from keras_ganloss.pools.pool import Pool as Pool
from keras_ganloss.pools.sample_pool import SamplePool as SamplePool
from keras_ganloss.utils import registry

# The only list there is, of those that need no arguments.
CLASSES = registry.by_snake_case_name(SamplePool, APA)


def get(identifier: object) -> Pool | None:
    """Returns the `Pool` of a name, a config or an instance; `None` stays."""
    if identifier is None:
        return None
    return registry.get(identifier, Pool, CLASSES, name="pool")
