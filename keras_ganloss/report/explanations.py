"""What each chart of a page shows, and how to read it."""

from typing import Any

from keras_ganloss.report.curves import ACCURACY
from keras_ganloss.report.curves import RATES

SECONDS = "seconds per epoch"
HOW_TO = (
    "Point at a chart for the values of an epoch. Limits that a text names are "
    "dotted lines, where they are within the chart."
)

# Of panels by their titles, of all other logs by their names.
TEXTS = {
    "losses": "What each player minimizes, penalties and terms included. Each "
    "depends on the other player, so neither the level nor the direction says "
    "how good samples are; a jump, or a number that is not finite, is trouble.",
    ACCURACY: "The share of pairs whose real sample has the higher logit. At "
    "0.5 (dotted) it cannot tell them apart; near 1 the generator learns "
    "little from it.",
    "mean outputs": "Mean logits on real and on made samples. How far they are "
    "apart is what the discriminator sees: a gap that only grows is a "
    "discriminator that runs away, one that never opened has learned nothing.",
    RATES: "The step size of each player's optimizer.",
    "gradient norms": "The length of each player's gradient, before its "
    "optimizer clips or scales it. Towards zero it stops to learn; growing by "
    "powers of ten it diverges.",
    SECONDS: "Wall time with everything in it, validation, pictures and "
    "monitors included. The first epoch compiles.",
    "adversarial_weight": "The weight of the learned loss that the balance "
    "chose.",
    "loss": "The explicit loss alone, as the plain Keras model would log it.",
    "supervised": "The explicit loss as a part of the generator's, with its "
    "weight.",
    "fake_diversity": "The mean distance of two samples, over that of two of "
    "the data: about 1 if they are as diverse.",
    "fake_spread": "The distance from a sample to the nearest other one, over "
    "the same of the data: near 0 a few samples come again and again.",
    "fake_coverage": "The share of the data that lie where samples come at "
    "all: 1 if no mode is missing.",
    "fake_motion": "How far samples of fixed noise went in the epoch, over the "
    "distance of two samples of the data. It should fall as a run ends.",
    "fake_distance": "The energy distance of samples and data, from 0 for "
    "alike to 1. It should fall.",
    "fake_gradient": "What the generator is told about a sample: the length of "
    "its loss's gradient. Far below its largest value, while the "
    "discriminator is right, it has vanished.",
    "penalty_share": "The penalties' share of the discriminator's loss.",
    "real_over_held_out": "How often a sample that is trained on has a higher "
    "logit than one that is held out: 0.5 unless they are known by heart.",
    "copied": "How often a made sample is nearer to data that are trained on "
    "than to data that are held out: 0.5 unless they are copied.",
}
PENALTY = (
    "A penalty, with its weight: a part of the {player}'s loss. Often large at "
    "first; it should fall, and stay small beside the loss."
)
TERM = "A term of the {player}'s loss, with its weight."


def of_game(game: Any) -> dict[str, str]:
    """Returns the text of each title or log that a game is known to have."""
    texts = {
        metric.name: (metric.__doc__ or "").strip().partition("\n")[0]
        for metric in game.metrics
    }
    for player, penalties, terms in (
        ("discriminator", game.penalties, game.d_terms),
        ("generator", game.g_penalties, game.g_terms),
    ):
        texts |= dict.fromkeys(terms, TERM.format(player=player))
        names = [penalty.name for penalty in penalties]
        texts |= dict.fromkeys(names, PENALTY.format(player=player))
    return texts | TEXTS


def of_limits(limits: Any) -> str:
    """Returns in words where monitors look at a log.

    Args:
        limits: List of tuples `("below", 0.3, "mode_collapse")`.

    Example:

    >>> of_limits([("below", 0.3, "mode_collapse")])
    'Below 0.3 the monitor looks for mode collapse.'
    """
    return " ".join(
        f"{side.capitalize()} {value:g} the monitor looks for "
        f"{name.replace('_', ' ')}."
        for side, value, name in limits
    )
