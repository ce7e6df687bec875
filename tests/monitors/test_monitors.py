"""Each monitor on states and series whose answer is known."""

import dataclasses
import inspect
import itertools
import math
import pathlib

import numpy as np
import pytest

from keras_ganloss import monitors
from keras_ganloss.monitors import Observation
from keras_ganloss.monitors import View
from keras_ganloss.monitors import memorization

DOCS = pathlib.Path(__file__).parents[2] / "docs" / "how-to" / "monitors.md"
NUM = 256
random = np.random.default_rng(0)


def ring(num=NUM, modes=range(8), width=0.05):
    """Points of some of the eight modes on a circle."""
    modes = np.array(list(modes))
    angle = 2.0 * np.pi * modes[np.arange(num) % len(modes)] / 8.0
    centers = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return centers + width * random.normal(size=(num, 2))


REAL = ring()


def view(fake, real=None, real_output=0.0, fake_output=0.0, gradient=1.0):
    """A `View` whose outputs are spread around means, by 1."""
    noise = random.normal(size=NUM)
    real = REAL if real is None else real
    return View(
        [real], [fake], real_output + noise, fake_output + noise[::-1], gradient
    )


def run(monitor, observations):
    """Returns the findings, and the numbers of each epoch."""
    observations = list(observations)
    monitor.start(observations[0])
    numbers, findings = [], []
    for observation in observations[1:]:
        values, finding = monitor.update(observation)
        assert set(values) == set(monitor.numbers)
        numbers.append(values)
        findings += [] if finding is None else [finding]
    return findings, numbers


def states(views, held_out=None):
    held_out = [None] * len(views) if held_out is None else held_out
    return [
        Observation(epoch, {}, (), *pair)
        for epoch, pair in enumerate(zip(views, held_out, strict=True))
    ]


def series(name, values, penalties=(), **others):
    return [
        Observation(epoch, {name: value, **others}, penalties)
        for epoch, value in enumerate([values[0], *values])
    ]


class Flag(monitors.Monitor):
    """Shows its symptom where a log says so."""

    remedy = "Lower the flag."

    def read(self, observation):
        shown = observation.logs["flag"]
        return monitors.Reading({}, "the flag is up" if shown else None)


@pytest.mark.parametrize(
    "flags, patience, epochs",
    [
        ([1, 1, 1, 1], 1, [1]),
        ([0, 1, 1, 1], 2, [3]),
        ([1, 0, 1, 0, 1], 2, []),
        # Two epochs without it end what lasted from the second to the fifth.
        ([1, 1, 0, 1, 1, 0, 0, 1, 1], 2, [2, 9]),
        ([1, 0, 1], 1, [1, 3]),
    ],
)
def test_an_episode_is_named_once(flags, patience, epochs):
    findings, _ = run(Flag(patience), series("flag", flags))
    assert [finding.epoch for finding in findings] == epochs
    assert {finding.name for finding in findings} <= {"flag"}


def test_finding():
    (finding,), _ = run(Flag(2), series("flag", [1, 1]))
    assert finding == monitors.Finding(
        2, "flag", "the flag is up, 2 epochs in a row", "Lower the flag."
    )


def test_a_new_run_knows_nothing_of_the_last():
    monitor = Flag(2)
    run(monitor, series("flag", [1]))
    assert monitor.suspects
    assert run(monitor, series("flag", [1]))[0] == []


def test_names():
    assert [make().name for make in monitors.CLASSES] == [
        "not_finite",
        "heavy_penalty",
        "mode_collapse",
        "vanishing_gradient",
        "overpowering_discriminator",
        "overpowered_discriminator",
        "oscillation",
        "memorization",
        "exploding_penalty",
        "equilibrium",
    ]


@pytest.mark.parametrize(
    "fake, low",
    [
        (ring(), None),
        (np.zeros((NUM, 2)) + 3.0, "fake_diversity"),
        # Five modes of eight, and as diverse as the data.
        (ring(modes=[6, 7, 0, 1, 2]), "fake_coverage"),
        (ring(modes=[0, 4]), "fake_coverage"),
        # A few points of each mode, again and again.
        (np.resize(ring(32), (NUM, 2)), "fake_spread"),
    ],
)
def test_mode_collapse(fake, low):
    monitor = monitors.ModeCollapse(patience=1)
    states_ = states([view(fake)] * 4)
    findings, numbers = run(monitor, states_)
    assert len(findings) == (low is not None)
    if low is None:
        assert numbers[0]["fake_coverage"] == 1.0
        assert numbers[0]["fake_diversity"] == pytest.approx(1.0, abs=0.05)
        assert numbers[0]["fake_spread"] == pytest.approx(1.0, abs=0.3)
    else:
        assert numbers[0][low] < getattr(monitor, low.replace("fake", "min"))


@pytest.mark.parametrize("lost", range(8))
def test_coverage_by_hand(lost):
    fake = ring(modes=[mode for mode in range(8) if mode != lost])
    _, numbers = run(monitors.ModeCollapse(), states([view(fake)] * 2))
    assert numbers[0]["fake_coverage"] == pytest.approx(7.0 / 8.0)


def test_samples_that_come_closer_are_not_collapsed():
    monitor = monitors.ModeCollapse(patience=2)
    growing = [ring(modes=range(count)) for count in (1, 1, 2, 3, 4, 5, 6, 8)]
    assert run(monitor, states(map_views(growing)))[0] == []
    assert run(monitor, states(map_views(growing[::-1])))[0]


def map_views(samples):
    return [view(fake) for fake in samples]


def test_the_worst_part_counts():
    whole, collapsed = ring(), np.zeros((NUM, 2))
    seen = view(whole)._replace(real=[REAL, REAL], fake=[whole, collapsed])
    _, numbers = run(monitors.ModeCollapse(), states([seen] * 2))
    assert numbers[0]["fake_diversity"] == 0.0


def test_data_that_repeat_themselves():
    copies = np.resize(ring(32), (NUM, 2))
    _, numbers = run(
        monitors.ModeCollapse(), states([view(ring(), copies)] * 2)
    )
    assert numbers[0]["fake_spread"] == 1.0


def test_data_of_one_point():
    zeros = np.zeros((NUM, 2))
    findings, numbers = run(
        monitors.ModeCollapse(patience=1), states([view(zeros, zeros)] * 3)
    )
    assert not findings
    assert set(numbers[0].values()) == {1.0}


@pytest.mark.parametrize(
    "gradients, gap, epoch",
    [
        ([1.0, 0.5, 0.001, 0.001, 0.001], 5.0, 4),
        # It cannot tell: there is nothing left to say.
        ([1.0, 0.5, 0.001, 0.001, 0.001], 0.0, None),
        # Small from the start is a matter of scale.
        ([0.001, 0.001, 0.001, 0.001, 0.001], 5.0, None),
        # Against the largest so far, not the first.
        ([0.001, 1.0, 0.001, 0.001, 0.001], 5.0, 4),
        ([1.0, 0.001, 0.001, 0.5, 0.001], 5.0, None),
    ],
)
def test_vanishing_gradient(gradients, gap, epoch):
    views = [view(REAL, real_output=gap, gradient=g) for g in gradients]
    findings, numbers = run(monitors.VanishingGradient(), states(views))
    assert [finding.epoch for finding in findings] == (
        [] if epoch is None else [epoch]
    )
    assert [n["fake_gradient"] for n in numbers] == gradients[1:]


@pytest.mark.parametrize(
    "monitor, values, epoch",
    [
        (monitors.OverpoweringDiscriminator(), [0.995] * 5, 5),
        (monitors.OverpoweringDiscriminator(), [0.995] * 4 + [0.9], None),
        (monitors.OverpoweringDiscriminator(), [0.98] * 9, None),
        (monitors.OverpoweringDiscriminator(0.9, 1), [0.95], 1),
        (monitors.OverpoweredDiscriminator(), [0.5, 0.3, 0.3, 0.3], 4),
        (monitors.OverpoweredDiscriminator(), [0.3, 0.3, 0.5, 0.3], None),
        (monitors.OverpoweredDiscriminator(), [0.45] * 9, None),
    ],
)
def test_accuracies(monitor, values, epoch):
    logs = series("d_accuracy", values, real_output=3.0, fake_output=-2.0)
    findings, _ = run(monitor, logs)
    assert [finding.epoch for finding in findings] == (
        [] if epoch is None else [epoch]
    )


def test_evidence_has_numbers():
    monitor = monitors.OverpoweringDiscriminator(patience=1)
    logs = series("d_accuracy", [0.995], real_output=3.0, fake_output=-2.0)
    (finding,), _ = run(monitor, logs)
    assert "0.995 (most: 0.99)" in finding.evidence
    assert "score 5 higher" in finding.evidence


def moved(angle, radius, num):
    """Normal points around places on a circle, epoch by epoch."""
    points = random.normal(size=(NUM, 2))
    turns = angle * np.arange(num)
    places = radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    return points, [points[::-1] + place for place in places]


@pytest.mark.parametrize(
    "angle, radius, expected",
    [
        (0.5, 3.0, True),
        # It jitters about the goal.
        (2.0, 0.3, False),
        # Little of a circle is a straight way.
        (0.05, 3.0, False),
        # It stands still, however far away.
        (0.0, 3.0, False),
    ],
)
def test_oscillation(angle, radius, expected):
    points, fakes = moved(angle, radius, 16)
    findings, numbers = run(
        monitors.Oscillation(),
        states([view(fake, real=points) for fake in fakes]),
    )
    assert bool(findings) is expected
    # The chord of the circle over the mean distance of two normal points.
    chord = 2.0 * radius * math.sin(angle / 2.0)
    assert numbers[0]["fake_motion"] == pytest.approx(
        chord / math.sqrt(math.pi), rel=0.1
    )


def test_places_changed_within_the_data_are_no_oscillation():
    fakes = [random.permutation(REAL) for _ in range(16)]
    findings, numbers = run(monitors.Oscillation(), states(map_views(fakes)))
    assert not findings
    assert numbers[0]["fake_motion"] > 0.5
    assert numbers[0]["fake_distance"] == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(
    "fake, gap, expected",
    [
        ("new", 0.0, False),
        ("new", 2.0, True),
        ("copies", 0.0, True),
        # Data held out, copied: no sign of learning by heart.
        ("held out", 0.0, False),
    ],
)
def test_memorization(fake, gap, expected):
    real, held_out, new = random.normal(size=(3, NUM, 10))
    noise = 0.01 * random.normal(size=(NUM, 10))
    fake = {"new": new, "copies": real + noise, "held out": held_out + noise}[
        fake
    ]
    seen = view(fake, real=real, real_output=gap)
    other = view(fake, real=held_out)
    findings, numbers = run(
        monitors.Memorization(patience=1), states([seen] * 2, [other] * 2)
    )
    assert bool(findings) is expected
    # Of two normal laws `gap` apart: Phi(gap / sqrt(2)).
    share = 0.5 * (1.0 + math.erf(gap / 2.0))
    assert numbers[0]["real_over_held_out"] == pytest.approx(share, abs=0.06)


def test_copied_by_hand():
    trained, held_out = np.array([[0.0], [4.0]]), np.array([[1.0], [3.5]])
    fake = np.array([[0.1], [4.2], [9.0]])
    # 0.1 and 0.2 away; 0.9 and 0.7.
    assert memorization.share_copied(fake, trained, held_out) == 1.0
    assert memorization.share_copied(fake, held_out, trained) == 0.0
    assert memorization.share_copied(fake, trained, trained) == 0.5


@pytest.mark.parametrize("place", [0.0, 0.5, 100.0])
def test_one_sample_is_no_copy(place):
    real, held_out = random.normal(size=(2, NUM, 2))
    fake = np.full((NUM, 2), place)
    share = memorization.share_copied(fake, real, held_out)
    assert share == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    "fake, gaps, expected",
    [
        (ring(), (0.0, 0.0), True),
        (ring(), (0.0, 2.0), False),
        # Told from data that are known by heart.
        (ring(), (2.0, 0.0), False),
        # Nothing learned is no equilibrium.
        (np.zeros((NUM, 2)) + 3.0, (0.0, 0.0), False),
    ],
)
def test_equilibrium(fake, gaps, expected):
    monitor = monitors.Equilibrium(patience=1)
    assert not monitor.is_failure
    seen = view(fake, real_output=gaps[0])
    other = view(fake, ring(), real_output=gaps[1])
    findings, _ = run(monitor, states([seen] * 2, [other] * 2))
    assert bool(findings) is expected


@pytest.mark.parametrize(
    "values, epoch",
    [
        ([5.0, 200.0, 300.0, 400.0], 4),
        # Large at first, and less each epoch.
        ([900.0, 500.0, 200.0, 120.0], None),
        ([0.001, 0.1, 5.0, 50.0], None),
        ([900.0, 950.0, 990.0, 1000.0], 4),
    ],
)
def test_exploding_penalty(values, epoch):
    logs = series("r1", values, penalties=("r1", None, "every_r1"), d_loss=1e9)
    findings, _ = run(monitors.ExplodingPenalty(), logs)
    assert [finding.epoch for finding in findings] == (
        [] if epoch is None else [epoch]
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_not_finite(value):
    monitor = monitors.NotFinite()
    findings, _ = run(monitor, series("d_loss", [1.0, value], g_loss=0.0))
    assert [finding.epoch for finding in findings] == [2]
    assert "d_loss" in findings[0].evidence
    assert monitor.stops({"d_loss": value, "g_loss": 0.0})
    assert not monitor.stops({"d_loss": 1e30})


def test_samples_that_are_not_finite():
    states_ = states([view(ring()), view(np.full((NUM, 2), np.nan))])
    (finding,), _ = run(monitors.NotFinite(), states_)
    assert "`real`" in finding.evidence


def held_back(real_output, r1, fake=None, num=8, d_loss=None, name="r1"):
    """A game whose penalty is part of a loss, and whose samples are one."""
    fake = np.zeros((NUM, 2)) if fake is None else fake
    logs = {
        "d_loss": 1.4 + r1 if d_loss is None else d_loss,
        name: r1,
        "real_output": real_output,
        "fake_output": 0.0,
    }
    return [
        Observation(epoch, logs, (name,), view(fake), None, (name,))
        for epoch in range(num)
    ]


@pytest.mark.parametrize(
    "arguments, share, expected",
    [
        # 1.4 of 2.8, outputs 0.01 apart.
        ({"real_output": 0.01, "r1": 1.4}, 0.5, ["heavy_penalty"]),
        ({"real_output": -0.01, "r1": 0.6}, 0.3, ["heavy_penalty"]),
        # A critic's loss: 2 of |-1 - 2| + 2.
        (
            {"real_output": 0.05, "r1": 2.0, "d_loss": -1.0},
            0.4,
            ["heavy_penalty"],
        ),
        # The discriminator learns; is light; has nothing left to tell.
        ({"real_output": 0.5, "r1": 1.4}, 0.5, ["mode_collapse"]),
        ({"real_output": 0.01, "r1": 0.05}, 0.05 / 1.45, ["mode_collapse"]),
        ({"real_output": 0.01, "r1": 1.4, "fake": ring()}, 0.5, []),
    ],
)
def test_heavy_penalty_or_mode_collapse(arguments, share, expected):
    findings = []
    for monitor in (monitors.HeavyPenalty(), monitors.ModeCollapse()):
        found, numbers = run(monitor, held_back(**arguments))
        findings += [finding.name for finding in found]
        if monitor.numbers == ("penalty_share",):
            assert numbers[-1]["penalty_share"] == pytest.approx(share)
    assert findings == expected


def test_what_once_came_apart_is_no_heavy_penalty():
    """As in a game that began well, and is at its end, or has collapsed."""
    early = held_back(real_output=0.8, r1=1.0, num=2)
    late = held_back(real_output=0.01, r1=1.4)
    assert run(monitors.HeavyPenalty(), [*early, *late])[0] == []
    assert run(monitors.HeavyPenalty(), [early[0], *late])[0] != []


def test_a_penalty_that_falls_as_nothing_is_learned():
    """`R1(5)` on patches of digits, as measured over five short epochs."""
    found = (
        (2.04, 0.66, 0.0172, -0.00339),
        (1.61, 0.239, 0.0205, -0.0146),
        (1.53, 0.154, 0.0129, -0.0181),
        (1.48, 0.103, 0.00833, -0.0181),
        (1.44, 0.0692, 0.00834, -0.0158),
    )
    names = ("d_loss", "r1", "real_output", "fake_output")
    observations = [
        dataclasses.replace(one, logs=dict(zip(names, values)))
        for one, values in zip(
            held_back(0.0, 0.0), [found[0], *found, found[-1]]
        )
    ]
    findings, _ = run(monitors.HeavyPenalty(), observations)
    assert [finding.name for finding in findings] == ["heavy_penalty"]
    assert run(monitors.ModeCollapse(), observations)[0] == []


def test_penalties_of_the_generator_are_no_part_of_the_loss():
    observations = [
        dataclasses.replace(one, d_penalties=())
        for one in held_back(real_output=0.01, r1=1.4)
    ]
    findings, numbers = run(monitors.HeavyPenalty(), observations)
    assert findings == [] and numbers[-1]["penalty_share"] == 0.0


def test_the_remedy_of_a_heavy_penalty_is_less_of_it():
    (finding,), _ = run(
        monitors.HeavyPenalty(), held_back(real_output=0.01, r1=1.4)
    )
    assert finding.epoch == 3
    assert "penalties were 50% of the discriminator's loss" in finding.evidence
    assert "never more than 0.01 apart" in finding.evidence
    assert finding.remedy.startswith("Divide the weight of the penalty by ten")


def test_thresholds_are_those_of_the_page():
    """Each row of `docs/how-to/monitors.md` has the defaults of its monitor."""
    lines = DOCS.read_text().splitlines()
    for make in monitors.CLASSES:
        name = make().name
        (start,) = [
            i for i, x in enumerate(lines) if x.startswith(f"| `{name}")
        ]
        rows = [lines[start]]
        rows += itertools.takewhile(
            lambda line: line.startswith("| | "), lines[start + 1 :]
        )
        text = " ".join(rows)
        for setting in inspect.signature(make).parameters.values():
            shown = {0.9: "90 %", 0.5: "half"}.get(
                setting.default, f"{setting.default:g}"
            )
            assert shown in text, (name, setting)
        for number in make.numbers:
            assert f"`{number}`" in text


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Flag(0), "patience=0"),
        (lambda: Flag(1.5), "patience=1.5"),
        (lambda: monitors.ModeCollapse(min_coverage=80), "min_coverage=80"),
        (lambda: monitors.HeavyPenalty(max_share=20), "max_share=20"),
        (lambda: monitors.HeavyPenalty(min_gap=0.0), "min_gap=0.0"),
        (lambda: monitors.Oscillation(window=2), "window=2"),
        (lambda: monitors.Oscillation(min_motion=0.0), "min_motion=0.0"),
        (lambda: monitors.ExplodingPenalty(-1.0), "limit=-1.0"),
        (lambda: monitors.Memorization(max_copied=1.0), "max_copied=1.0"),
        (lambda: monitors.Stop(on="equilibrium"), "on='equilibrium'"),
        (lambda: monitors.Stop(on=[]), r"on=\[\]"),
        (lambda: monitors.RollBack(retries=-1), "retries=-1"),
        (lambda: monitors.RollBack(factor=0.0), "factor=0.0"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=f"Received: .*{message}"):
        make()


def test_limits_are_of_logs_that_there_are():
    game_logs = {"d_accuracy"}
    limits = {kind().name: kind().limits for kind in monitors.CLASSES}
    for kind in monitors.CLASSES:
        assert set(kind().limits) <= {*kind.numbers, *game_logs}
    assert limits["overpowered_discriminator"] == {"d_accuracy": ("below", 0.4)}
    assert monitors.ModeCollapse(min_coverage=0.5).limits["fake_coverage"] == (
        "below",
        0.5,
    )
    assert limits["heavy_penalty"] == {"penalty_share": ("above", 0.05)}
