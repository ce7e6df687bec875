"""The page of a run, put together."""

import base64
import dataclasses
import io
import math
from typing import Any

from keras_ganloss.report import curves as curves_module
from keras_ganloss.report import explanations
from keras_ganloss.report.explanations import SECONDS
from keras_ganloss.report.line_chart import line_chart
from keras_ganloss.report.line_chart import number
from keras_ganloss.report.markup import element
from keras_ganloss.report.markup import table
from keras_ganloss.report.markup import to_html
from keras_ganloss.report.style import CSS
from keras_ganloss.report.style import SCRIPT
from keras_ganloss.utils.images import SMALL


@dataclasses.dataclass
class Run:
    """What a page tells.

    Attributes:
        title: String.
        status: String, such as `"epoch 3 of 10"`.
        logs: Dictionary `{epoch counted from 0: {name of log: value}}`.
        seconds: Dictionary `{epoch counted from 0: seconds}`.
        findings: List of tuples `(epoch, name, evidence, remedy)`, or `None`
            if nobody has looked.
        pictures: List of pairs of a caption and a list of tuples `(epoch,
            bytes of a PNG file, dict of name to bytes of a WAV file)`, of
            which the last may be left out.
        settings: Dictionary of name to text.
        networks: What `networks` returns.
        versions: Dictionary of name to text.
        texts: Dictionary of title of a chart, or name of a log, to text.
        limits: List of tuples `(name of log, "below", 0.3, name of the
            monitor that looks for trouble there)`.
    """

    title: str
    status: str
    logs: dict[str, Any]
    seconds: dict[str, Any]
    findings: list[Any] | None
    pictures: list[Any]
    settings: dict[str, Any]
    networks: list[Any]
    versions: dict[str, str]
    texts: dict[str, str] = dataclasses.field(default_factory=dict)
    limits: list[Any] = dataclasses.field(default_factory=list)


def page(run: Any) -> str:
    """Returns the page of a `Run`, a string of HTML with all in it."""
    body = element(
        "body",
        element(
            "header",
            element("h1", run.title),
            element("p", run.status, class_="faint"),
        ),
        element(
            "main",
            *_findings(run.findings),
            *_pictures(run.pictures),
            *_curves(run),
            *_numbers(run),
            *_settings(run),
        ),
        element("script", SCRIPT),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element(
            "meta",
            name="viewport",
            content="width=device-width, initial-scale=1",
        ),
        element("title", run.title),
        # Or a browser would ask for an icon.
        element("link", rel="icon", href="data:,"),
        element("style", CSS),
    )
    html = to_html(element("html", head, body, lang="en"))
    return f"<!DOCTYPE html>\n{html}\n"


def _findings(findings):
    if findings is None:
        return
    yield element("h2", "What the monitor found")
    if not findings:
        yield element("p", "Nothing so far.")
    for epoch, name, evidence, remedy in findings:
        yield element(
            "div",
            element("h3", f"Epoch {epoch}: {name.replace('_', ' ')}"),
            element("p", *_with_code(evidence)),
            element("p", *_with_code(remedy)),
            class_=f"finding {name}",
        )


def _with_code(text):
    """Yields what stands between backticks as code."""
    for index, part in enumerate(text.split("`")):
        yield element("code", part) if index % 2 else part


def _pictures(pictures):
    if not pictures:
        return
    yield element("h2", "Pictures")
    players = [_player(caption, frames) for caption, frames in pictures]
    yield element("div", *players, class_="players")


def _player(caption, frames):
    slider = element(
        "input",
        type="range",
        min=0,
        max=len(frames) - 1,
        value=len(frames) - 1,
        aria_label=f"{caption}: which epoch",
    )
    return element(
        "div",
        element("h3", caption),
        element(
            "div",
            *[_frame(caption, *frame) for frame in frames],
            class_="frames",
        ),
        element(
            "div",
            element("button", "Play", type="button"),
            slider,
            class_="controls",
            hidden="",
        ),
        class_="player",
    )


def _frame(caption, epoch, png, sounds=None):
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        width, height = picture.size
    zoom = 2 if width < SMALL else 1
    when = f"Epoch {epoch}"
    image = element(
        "img",
        src=_inline("image/png", png),
        alt=f"{caption}, {when.lower()}",
        width=zoom * width,
        height=zoom * height,
        class_="small" if zoom > 1 else "large",
    )
    return element(
        "figure",
        image,
        element("figcaption", when, class_="faint"),
        *[_sound(name, wav, when) for name, wav in (sounds or {}).items()],
        class_="frame",
    )


def _sound(name, wav, when):
    player = element(
        "audio",
        controls="",
        src=_inline("audio/wav", wav),
        aria_label=f"{name}, {when.lower()}",
    )
    return element("div", element("span", name), player, class_="sound")


def _inline(kind, content):
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _curves(run):
    curves = curves_module.to_curves(run.logs)
    if not curves:
        return
    measured = curves_module.measured_by_monitors(curves)
    for heading, names in (
        ("Curves", [name for name in curves if name not in measured]),
        ("Curves of the monitor", measured),
    ):
        panels = curves_module.group(names)
        charts = [
            _chart(run, title, {name: curves[name] for name in members})
            for title, members in panels.items()
        ]
        if heading == "Curves" and run.seconds:
            points = [(epoch + 1, s) for epoch, s in run.seconds.items()]
            charts.append(_chart(run, SECONDS, {SECONDS: points}))
        if charts:
            yield element("h2", heading)
            yield element("p", explanations.HOW_TO, class_="faint")
            yield element("div", *charts, class_="charts")


def _chart(run, title, curves):
    stems = list(dict.fromkeys(map(curves_module.stem, curves)))
    limits = [limit for name, *limit in run.limits if name in stems]
    text = run.texts.get(title) or run.texts.get(stems[0], "")
    levels = [value for _, value, _ in limits]
    if title == curves_module.ACCURACY:
        levels.append(0.5)
    text = f"{text} {explanations.of_limits(limits)}".strip()
    return line_chart(title, curves, text, levels)


def _numbers(run):
    curves = curves_module.to_curves(run.logs)
    if not curves:
        return
    yield element("h2", "Numbers")
    rows = [[name, *_extremes(points)] for name, points in curves.items()]
    numbers = table(rows, ["log", "last", "lowest", "highest"])
    numbers.set("class", "scroll numbers")
    yield numbers
    if run.seconds:
        total = sum(run.seconds.values())
        yield element(
            "p",
            f"{len(run.seconds)} epochs of this run took {total:.1f} seconds, "
            f"{total / len(run.seconds):.2f} each.",
        )


def _extremes(points):
    finite = [(v, epoch) for epoch, v in points if math.isfinite(v)]
    yield number(points[-1][1])
    for choose in (min, max):
        if finite:
            # Of equals the first one.
            value = choose(v for v, _ in finite)
            epoch = next(e for v, e in finite if v == value)
            yield f"{number(value)} (epoch {epoch})"
        else:
            yield "none"


def _settings(run):
    yield element("h2", "Settings")
    yield _pairs(run.settings)
    yield element("h2", "Networks")
    for network in run.networks:
        yield element("h3", f"{network['name']} ({network['player']})")
        yield element(
            "p",
            f"{network['parameters']:,} parameters, {network['trainable']:,} "
            f"of them trainable. In: {network['inputs']}; out: "
            f"{network['outputs']}.",
        )
        layers = [
            [name, kind, shape, f"{count:,}"]
            for name, kind, shape, count in network["layers"]
        ]
        yield element(
            "details",
            element("summary", f"{len(layers)} layers"),
            table(layers, ["layer", "class", "output", "parameters"]),
        )
    yield element("h2", "Versions")
    yield _pairs(run.versions)


def _pairs(texts):
    pairs = table(list(texts.items()))
    pairs.set("class", "scroll settings")
    return pairs
