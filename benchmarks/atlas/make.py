"""Draws the atlas of losses: `docs/reference/atlas.md` and its pictures.

python benchmarks/atlas/make.py [--steps 4000] [--only hinge ...]
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import curves
import dirac_paths
import entries as atlas_entries
import numpy as np
import saturation
from matplotlib.figure import Figure

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
REAL, FAKE, GENERATOR, HELD = "#3266ad", "#c0504d", "#4d9a4d", "#8064a2"

HEAD = """\
---
hide:
  - toc
---

# The atlas of losses

Made by `python benchmarks/atlas/make.py`. What each loss of one number a sample
says, alone and in two games that are small enough to be understood. What
follows from it is in
[how_to_choose_a_loss.md](../how-to/how_to_choose_a_loss.md).

Each picture, from left to right:

1. What the discriminator pays for a real sample (blue) and for a fake one (red)
   by its output, and the generator for a fake one (green). Where a loss looks
   at pairs, the other sample's output is zero.
2. The slope of the generator's loss: what is left of it for fakes that the
   discriminator is sure of, on the left, is what the generator learns from.
3. The Dirac-GAN ([Mescheder et al., 2018](https://arxiv.org/abs/1801.04406)):
   one number against one number, {dirac_steps} steps of size {dirac_rate} in
   turn, from the dot; the equilibrium is the cross. Red without a penalty,
   purple with R1 of weight {gamma}.
4. The same, distance from the equilibrium by step.
5. The experiment of [Arjovsky and Bottou,
   2017](https://arxiv.org/abs/1701.04862): the generator stands still, the
   discriminator learns; the length of the generator's gradient by the
   discriminator's steps, in units of its first value. Purple with R1 and R2 of
   weight 1.

"""

TABLE_HEAD = """\
| loss | the discriminator returns | best output at 1/4, 1, 4 times as many \
real as fake | slope at -4 | Dirac | with R1 | gradient left | with R1 + R2 |
|---|---|---|---|---|---|---|---|
"""


def slug(name):
    return "".join(c if c.isalnum() else "_" for c in name).strip("_").lower()


def style(axis, title, across, up):
    axis.set_title(title, fontsize=9, loc="left")
    axis.set_xlabel(across, fontsize=8)
    axis.set_ylabel(up, fontsize=8)
    axis.tick_params(labelsize=7)
    axis.grid(color="0.92", linewidth=0.6)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(fontsize=7, frameon=False, handlelength=1.2)


def clip(values, limit=8.0):
    return np.where(np.abs(values) > limit, np.nan, values)


def draw_curves(values, slope, entry):
    outputs, of_real, of_fake = curves.discriminator_curves(entry)
    _, of_generator, slopes = curves.generator_curve(entry)
    for curve, color, label in (
        (of_real, REAL, "discriminator, real"),
        (of_fake, FAKE, "discriminator, fake"),
        (of_generator, GENERATOR, "generator, fake"),
    ):
        values.plot(
            outputs, clip(curve), color=color, linewidth=1.4, label=label
        )
    slope.plot(outputs, clip(slopes, 4.0), color=GENERATOR, linewidth=1.4)
    slope.axhline(0.0, color="0.6", linewidth=0.6)
    slope.set_ylim(-2.2, 1.2)
    style(values, "1. Cost of a sample", "output", "cost")
    style(slope, "2. Slope for a fake", "output", "slope of generator's cost")
    return outputs, slopes


def draw_path(plane, distance, paths):
    labels = ("no penalty", "with R1")
    for states, color, label in zip(paths, (FAKE, HELD), labels):
        shown = np.where(np.abs(states) > 3.0, np.nan, states)
        plane.plot(*shown.T, color=color, linewidth=0.8)
        radius = dirac_paths.radii(states)
        distance.semilogy(
            np.maximum(radius, 1e-12), color=color, linewidth=1.2, label=label
        )
    plane.plot(1.0, -1.0, "o", color="0.2", markersize=3)
    plane.plot(0.0, 0.0, "x", color="0.2", markersize=5)
    plane.set_xlim(-2.5, 2.5)
    plane.set_ylim(-2.5, 2.5)
    distance.set_ylim(1e-9, 1e2)
    style(plane, "3. Dirac-GAN", "generator's number", "discriminator's")
    style(distance, "4. Dirac-GAN", "step", "distance to equilibrium")


def draw_saturation(axis, runs):
    labels = ("no penalty", "with R1 and R2")
    for norms, color, label in zip(runs, (FAKE, HELD), labels):
        steps = saturation.EVERY * np.arange(len(norms))
        axis.semilogy(
            steps,
            np.maximum(norms / norms[0], 1e-9),
            color=color,
            linewidth=1.2,
            label=label,
        )
    axis.set_ylim(1e-7, 1e3)
    style(axis, "5. Generator at rest", "discriminator's step", "gradient left")


def number(value):
    if not np.isfinite(value):
        return "no end" if np.isinf(value) else "NaN"
    return f"{value + 0.0:.3g}"


def row(entry, steps):
    """Draws the picture of a loss; returns its row of the table."""
    picture = Figure(figsize=(13.0, 2.8), layout="constrained")
    axes = picture.subplots(1, 5)
    outputs, slopes = draw_curves(*axes[:2], entry)
    paths = [dirac_paths.path(entry, g) for g in (0.0, dirac_paths.GAMMA)]
    draw_path(*axes[2:4], paths)
    runs = []
    for penalized in (False, True):
        again = {e.name: e for e in atlas_entries.entries()}[entry.name]
        runs.append(saturation.run(again, penalized, steps))
    draw_saturation(axes[4], runs)
    name = f"{slug(entry.name)}.png"
    picture.savefig(DOCS / "images" / "atlas" / name, dpi=90)
    best = curves.best_outputs(entry)
    best = "–" if best is None else ", ".join(map(number, best))
    at = int(np.argmin(np.abs(outputs - (4.0 if entry.low_is_real else -4.0))))
    left = [
        f"{number(norms[-1] / norms[0])} ({number(norms.min() / norms[0])} to "
        f"{number(norms.max() / norms[0])})"
        for norms in runs
    ]
    cells = [
        f"[`{entry.name}`](#{slug(entry.name)})",
        entry.needs,
        best,
        number(slopes[at]) + (" (at 4)" if entry.low_is_real else ""),
        *map(dirac_paths.verdict, paths),
        *left,
    ]
    line = f"| {' | '.join(cells)} |"
    print(line, flush=True)
    return line


def section(entry):
    alt = f"Five small plots of the loss {entry.name}, as described above"
    picture = f"../images/atlas/{slug(entry.name)}.png"
    return f"## {slug(entry.name)}\n\n![{alt}]({picture})\n"


def write(path, text):
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text)
    os.replace(temporary, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=saturation.STEPS)
    parser.add_argument("--only", nargs="*")
    arguments = parser.parse_args()
    (DOCS / "images" / "atlas").mkdir(parents=True, exist_ok=True)
    print(TABLE_HEAD, end="")
    chosen = [
        entry
        for entry in atlas_entries.entries()
        if not arguments.only or entry.name in arguments.only
    ]
    rows = [row(entry, arguments.steps) for entry in chosen]
    if arguments.only:
        return  # The page is of all losses.
    head = HEAD.format(
        dirac_steps=dirac_paths.STEPS,
        dirac_rate=dirac_paths.RATE,
        gamma=dirac_paths.GAMMA,
    )
    elsewhere = "\n".join(
        f"* `{names}`: {why}." for names, why in atlas_entries.ELSEWHERE.items()
    )
    page = [
        head + TABLE_HEAD + "\n".join(rows) + "\n",
        f"*Gradient left*: after {arguments.steps} steps, in units of the "
        "first value; in brackets the least and the most on the way. *Best "
        "output*: – where it is not one output that is best.\n",
        *map(section, chosen),
        f"## What is not here\n\n{elsewhere}\n",
    ]
    write(DOCS / "reference" / "atlas.md", "\n".join(page))


if __name__ == "__main__":
    main()
