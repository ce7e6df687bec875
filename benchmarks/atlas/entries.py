"""The losses of the atlas: those of one number a sample."""

from typing import NamedTuple

from keras_ganloss import losses
from keras_ganloss.losses import NonSaturating

LOGIT = "a logit"
CRITIC = "any number, from a critic that is held smooth"
ENERGY = "an energy, zero or more: low means real"


class Entry(NamedTuple):
    """A loss, and what a reader has to know about it.

    Attributes:
        name: What it is called in `compile`.
        loss: An `AdversarialLoss`.
        needs: What the discriminator has to return.
        low_is_real: Whether a low output means real.
    """

    name: str
    loss: losses.AdversarialLoss
    needs: str = LOGIT
    low_is_real: bool = False


def by_name(name, needs=LOGIT, low_is_real=False):
    return Entry(name, losses.get(name), needs, low_is_real)


def entries():
    """Returns the list of `Entry`s, new objects each time."""
    return [
        by_name("minimax"),
        by_name("modified_minimax"),
        by_name("least_squares"),
        by_name("hinge"),
        by_name("wasserstein", CRITIC),
        by_name("fisher", "any number; the loss holds its second moment"),
        by_name("relativistic"),
        by_name("relativistic_average"),
        by_name("kullback_leibler"),
        by_name("reverse_kullback_leibler"),
        by_name("pearson"),
        by_name("neyman"),
        by_name("squared_hellinger"),
        by_name("jensen_shannon"),
        by_name("total_variation"),
        Entry(
            "NonSaturating(FGAN())",
            NonSaturating(losses.get("kullback_leibler")),
        ),
        by_name("energy_based", ENERGY, low_is_real=True),
        by_name("began", ENERGY, low_is_real=True),
    ]


# What has no place here, and why.
ELSEWHERE = {
    "logistic": "`modified_minimax` under another name, with label smoothing "
    "on both sides",
    "original_gan": "`minimax` as an f-divergence",
    "non_saturating, role_swapped": "wrappers: the generator minimizes what "
    "the discriminator pays for real samples, or the whole with the sides "
    "swapped",
    "label_noise, label_flipping, top_k": "wrappers that draw or choose; the "
    "curves are those of the loss inside",
    "multi_class_hinge": "two margins a sample, over classes",
    "cramer, maximum_mean_discrepancy, sinkhorn, sliced_wasserstein": "the "
    "discriminator returns features, and the loss is a distance between two "
    "sets of them: no function of one logit",
}
