"""The tables of `docs/reference/catalogue.md`, from the classes' docstrings.

`python docs/generators/catalogue.py` writes them anew.
"""

import inspect
import pathlib
import re

import keras

import keras_ganloss
from keras_ganloss import balances
from keras_ganloss import callbacks
from keras_ganloss import distances
from keras_ganloss import layers
from keras_ganloss import losses
from keras_ganloss import metrics
from keras_ganloss import models
from keras_ganloss import monitors
from keras_ganloss import networks
from keras_ganloss import optimizers
from keras_ganloss import penalties
from keras_ganloss import pools
from keras_ganloss import transforms
from keras_ganloss import updates
from keras_ganloss.losses.fgan import DIVERGENCES

PAGE = pathlib.Path(__file__).parents[1] / "reference" / "catalogue.md"

HEAD = """# What there is

Every class with its first line and its papers, made from the docstrings by
`python docs/generators/catalogue.py`; a test keeps this page and the code
together. The docstrings say more: arguments, defaults, shapes, an example.
"""

LOSS_NOTE = f"""
The name in snake case will do: `compile(d_loss="least_squares")`. So will those
of the divergences of `FGAN`: {", ".join(DIVERGENCES)}.
Wrappers take another loss: `RelativisticAverage(Hinge())`, `TopK(Hinge())`.
Besides these, `compile` takes any `keras.losses.Loss`, played with labels one
and zero, and any function of the outputs.
"""

PENALTY_NOTE = """
Those in `penalties` are the discriminator's, those in `g_penalties` the
generator's; their order means nothing. `HistoricalAverage`,
`OrthogonalRegularization`, `Every` and the clippings serve either player.
`Distance`, `FeatureMatching`, `LatentDiversity` and `PathLength` are for the
generator, the others for the discriminator.
"""

NETWORK_NOTE = """
Functions of `keras_ganloss.networks` that return functional models; which one
for what, and what they cost:
[which_discriminator.md](../how-to/which_discriminator.md).
"""


def sections():
    """Returns a list of `(title, note, classes)`."""
    return [
        ("Models", "", of_module(models, keras_ganloss)),
        ("Losses", LOSS_NOTE, loss_classes()),
        (
            "Penalties: `compile(penalties=[...], g_penalties=[...])`",
            PENALTY_NOTE,
            penalties.CLASSES.values(),
        ),
        (
            "Distances: explicit losses, for any Keras model",
            "",
            distances.CLASSES.values(),
        ),
        ("Layers", "", layers.CLASSES.values()),
        ("Discriminators", NETWORK_NOTE, networks.FUNCTIONS.values()),
        (
            "Transforms of what is judged: `compile(transforms=[...])`",
            "",
            of_module(transforms),
        ),
        ("Pools: `compile(pool=...)`", "", of_module(pools)),
        (
            "Update rules: `compile(updates=...)`",
            "",
            of_module(updates),
        ),
        (
            'Balances: `compile(loss_weights={"adversarial": ...})`',
            "",
            of_module(balances),
        ),
        ("Optimizers", "", of_module(optimizers)),
        (
            "Metrics of samples: `compile(metrics=[...])`",
            "",
            sample_metrics(),
        ),
        ("Monitors: `GameMonitor(monitors=[...])`", "", monitors.CLASSES),
        ("Callbacks: `fit(callbacks=[...])`", "", callback_classes()),
    ]


def of_module(module, *others):
    """Classes that a module exports, abstract ones left out."""
    names = set(vars(module)).union(*(vars(other) for other in others))
    found = [getattr(module, name, None) for name in sorted(names)]
    return [
        entry
        for entry in found
        if inspect.isclass(entry)
        and entry.__module__.startswith("keras_ganloss")
        and "get_config" in dir(entry)
        and not summary(entry).startswith(("Abstract", "What "))
        and entry.__name__ not in ABSTRACT
    ]


ABSTRACT = ("Balance", "Pool", "Transform", "UpdateRule", "Game")


def sample_metrics():
    found = [
        entry
        for entry in of_module(metrics)
        if issubclass(entry, metrics.SampleMetric)
    ]
    return [*found, metrics.PerceptualDistance, metrics.GradientNorms]


def callback_classes():
    return [
        entry
        for entry in vars(callbacks).values()
        if inspect.isclass(entry)
        and issubclass(entry, keras.callbacks.Callback)
        and not summary(entry).startswith("Abstract")
    ]


def loss_classes():
    classes = [
        entry for entry in losses.CLASSES.values() if inspect.isclass(entry)
    ]
    return [*classes, losses.FGAN]


def summary(entry):
    """First line of a docstring."""
    return inspect.getdoc(entry).split("\n")[0]


def papers(entry):
    """The links after `Reference:` or `References:`, in one line."""
    _, *found = re.split("References?:", inspect.getdoc(entry))
    words = " ".join(found).replace("\n- ", ", ").replace("(\n", "(").split()
    return " ".join(words).strip("., ").replace(" ,", ",")


def link(entry):
    """The name of a class or function, leading to its entry of the API."""
    package = ".".join(entry.__module__.split(".")[:2])
    anchor = f"{entry.__module__}.{entry.__name__}"
    return f"[`{entry.__name__}`](api/{package}.md#{anchor})"


def table(classes):
    rows = sorted(classes, key=lambda entry: entry.__name__.lower())
    return "".join(
        [
            "| class | what it is | paper |\n|---|---|---|\n",
            *(
                f"| {link(entry)} | {summary(entry)} | {papers(entry)} |\n"
                for entry in rows
            ),
        ]
    )


def page():
    """Returns the whole page."""
    parts = [HEAD]
    for title, note, classes in sections():
        parts.append(f"\n## {title}\n{note}\n{table(classes)}")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
