"""The page about discriminators: its table is true."""

from docs.generators import discriminators
from tests.helpers import limits


@limits.only("tensorflow", "the numbers are the same, the networks are large")
def test_table_is_what_the_networks_say():
    message = "Run `python docs/generators/discriminators.py`."
    assert discriminators.table() in discriminators.PAGE.read_text(), message
