"""Pools: older fakes for the discriminator."""

from keras_ganloss.pools.pool import Pool as Pool
from keras_ganloss.utils import registry


def get(identifier):
    """Returns the `Pool` of a config or an instance; `None` stays."""
    if identifier is None:
        return None
    return registry.get(identifier, Pool, {})
