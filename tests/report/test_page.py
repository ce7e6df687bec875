"""The page as a browser reads it: well-formed, self-contained, escaped."""

import base64
import html.parser
import io
import re
import shutil
import subprocess

import numpy as np
import pytest

from keras_ganloss.report import Run
from keras_ganloss.report import page

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("matplotlib")

VOID = {"meta", "link", "input", "img", "br", "hr"}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
]
EVIL = '<script>alert("x")</script>&amp;`code <b>`'


def png(seed=0):
    pixels = np.random.default_rng(seed).integers(0, 255, (20, 30, 3), "uint8")
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()


def example(**changes):
    epochs = range(6)
    values = {
        "title": "A run",
        "status": "Running: epoch 6 of 9.",
        "logs": {
            e: {"d_loss": 1.0 / (e + 1), "g_loss": 0.5, "val_d_loss": e * 0.1}
            for e in epochs
        },
        "seconds": {e: 2.0 + e for e in epochs},
        "findings": [(3, "mode_collapse", "diversity is 0.1", "Add `R1`.")],
        "pictures": [("Samples", [(1, png(1)), (6, png(2))])],
        "settings": {"d_loss": "Hinge()"},
        "networks": [
            {
                "name": "generator",
                "player": "generator",
                "parameters": 1234,
                "trainable": 1000,
                "inputs": "64",
                "outputs": "28 x 28 x 1",
                "layers": [("dense", "Dense", "3", 12)],
            }
        ],
        "versions": {"keras": "3"},
        "texts": {"losses": "What each player minimizes."},
    }
    return Run(**{**values, **changes})


class Reader(html.parser.HTMLParser):
    """Reads a page; fails where a tag is not closed in its turn."""

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.elements = []
        self.texts = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag not in VOID
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    def all(self, tag):
        return [found for name, found in self.elements if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def test_everything_is_told():
    text = Reader(page(example())).text
    for part in (
        "A run",
        "Running: epoch 6 of 9.",
        "Epoch 3: mode collapse diversity is 0.1",
        "Add R1 .",
        "Hinge()",
        "1,234 parameters, 1,000 of them trainable",
        "6 epochs of this run took 27.0 seconds, 4.50 each.",
        # Last, lowest, highest.
        "d_loss 0.1667 0.1667 (epoch 6) 1 (epoch 1)",
    ):
        assert part in text, part


def test_nothing_is_loaded():
    text = page(example())
    reader = Reader(text)
    assert text.startswith("<!DOCTYPE html>")
    for tag, attributes in reader.elements:
        assert tag not in ("iframe", "object", "embed", "base")
        for name, value in attributes.items():
            if name in ("src", "href", "srcset", "action", "data"):
                within = value.startswith(("data:", "#"))
                assert within, (tag, name, value)
            assert not name.startswith("on")
    assert "http" not in text
    assert not re.search(r"url\([^#]|@import|fetch\(|import\(", text)
    ids = [found["id"] for _, found in reader.elements if "id" in found]
    assert len(ids) == len(set(ids))


def test_pictures_are_what_they_were():
    images = Reader(page(example())).all("img")
    assert len(images) == 2
    for image, seed, epoch in zip(images, (1, 2), (1, 6)):
        kind, _, content = image["src"].partition(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(content, validate=True) == png(seed)
        assert image["alt"] == f"Samples, epoch {epoch}"
        # A small one at double size.
        assert (image["width"], image["height"]) == ("60", "40")


def test_charts_are_told_in_words():
    drawings = [
        found
        for found in Reader(page(example())).all("svg")
        if found.get("role") == "img"
    ]
    labels = [drawing["aria-label"] for drawing in drawings]
    assert labels[0].startswith("losses until epoch 6: discriminator from 1 ")
    assert labels[1] == (
        "seconds per epoch until epoch 6: seconds per epoch from 2 to 7"
    )


def test_charts_say_what_they_show_and_where_trouble_is():
    logs = {"d_loss": 1.0, "d_accuracy": 0.7, "fake_coverage": 0.4}
    run = example(
        logs={0: logs},
        seconds={},
        texts={"losses": "On losses.", "fake_coverage": "On coverage."},
        limits=[
            ("fake_coverage", "below", 0.8, "mode_collapse"),
            ("d_accuracy", "below", 0.4, "overpowered_discriminator"),
            ("d_accuracy", "above", 0.99, "overpowering_discriminator"),
        ],
    )
    text = Reader(page(run)).text
    parts = [
        "Curves",
        "On losses.",
        "Below 0.4 the monitor looks for overpowered discriminator. "
        "Above 0.99 the monitor looks for overpowering discriminator.",
        "Curves of the monitor",
        "On coverage. Below 0.8 the monitor looks for mode collapse.",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_everything_is_escaped():
    run = example(
        title=EVIL,
        status=EVIL,
        logs={0: {EVIL: 1.0, "d_loss": float("nan")}},
        findings=[(1, EVIL, EVIL, EVIL)],
        pictures=[(EVIL, [(1, png())])],
        settings={EVIL: EVIL},
        versions={EVIL: EVIL},
        networks=[
            {
                **example().networks[0],
                "name": EVIL,
                "inputs": EVIL,
                "layers": [(EVIL, EVIL, EVIL, 1)],
            }
        ],
    )
    reader = Reader(page(run))
    assert len(reader.all("script")) == 1
    assert len(reader.all("b")) == 2 + 1  # Of the legends alone.
    assert '<script>alert("x")</script>&amp;' in reader.text
    assert 'alert("x")' not in reader.all("img")[0]["src"]


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"findings": []}, "Nothing so far."),
        ({"logs": {}, "seconds": {}, "pictures": []}, "Settings"),
    ],
)
def test_little_to_tell(changes, expected):
    assert expected in Reader(page(example(**changes))).text


def test_no_monitor_no_findings():
    text = Reader(page(example(findings=None))).text
    assert "monitor" not in text


def screenshot(browser, path, size, *flags):
    picture = path.with_suffix(".png")
    subprocess.run(
        [
            browser,
            *FLAGS,
            f"--user-data-dir={path.parent / 'profile'}",
            f"--window-size={size[0]},{size[1]}",
            f"--screenshot={picture}",
            *flags,
            path.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return np.asarray(Image.open(picture).convert("RGB")).astype(int)


def browser_or_skip():
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("Chromium is not installed.")
    return browser


def places(pixels, seed):
    """Returns where a picture is shown at double size."""
    with Image.open(io.BytesIO(png(seed))) as picture:
        corner = np.asarray(picture).astype(int)[:3, :3]
    corner = corner.repeat(2, axis=0).repeat(2, axis=1)
    return [
        (y, x)
        for y, x in np.argwhere((pixels == corner[0, 0]).all(axis=-1))
        if np.array_equal(pixels[y : y + 6, x : x + 6], corner)
    ]


@pytest.mark.parametrize("width", [1100, 500])
def test_in_a_browser(tmp_path, width):
    browser = browser_or_skip()
    path = tmp_path / "page.html"
    path.write_text(page(example()))
    pixels = screenshot(browser, path, (width, 3000))
    assert pixels.shape == (3000, width, 3)
    # The script ran: of two pictures the last one is shown.
    assert (len(places(pixels, 1)), len(places(pixels, 2))) == (0, 1)
    # Curves of both players are drawn, and nothing leaves the page.
    for color in ((42, 111, 176), (196, 85, 31)):
        assert (pixels == color).all(axis=-1).sum() > 50
    assert (pixels[:, -8:] == 255).all()


def test_values_where_one_points(tmp_path):
    browser = browser_or_skip()
    path = tmp_path / "page.html"
    script = """
      const svg = document.querySelector(".chart > svg");
      const box = svg.getBoundingClientRect();
      const to = (share) => svg.dispatchEvent(new PointerEvent("pointermove", {
        clientX: box.left + share * box.width, clientY: box.top + 9}));
      const said = () => document.querySelector(".chart li").textContent.trim()
        + document.querySelector(".chart figcaption").textContent;
      const found = [];
      to(0.05); found.push(said());
      to(0.99); found.push(said());
      svg.dispatchEvent(new PointerEvent("pointerleave")); found.push(said());
      document.body.textContent = found.join("; ");
    """
    text = page(example()).replace(
        "</body>", f"<script>{script}</script></body>"
    )
    path.write_text(text)
    found = subprocess.run(
        [browser, *FLAGS, f"--user-data-dir={tmp_path / 'p'}", "--dump-dom",
         path.as_uri()],
        check=True, capture_output=True, timeout=120, text=True,
    ).stdout  # fmt: skip
    assert (
        "discriminator 1losses, epoch 1; discriminator 0.1667losses, epoch 6; "
        "discriminator 0.1667losses\n<" in found
    )


@pytest.mark.parametrize(
    "action, shown",
    [
        ("slider.value = 0; slider.dispatchEvent(new Event('input'));", 1),
        # From the last one it starts again, and stops at the last one.
        ("document.querySelector('button').click();", 2),
    ],
    ids=["slider", "button"],
)
def test_controls_in_a_browser(tmp_path, action, shown):
    browser = browser_or_skip()
    path = tmp_path / "page.html"
    script = f"const slider = document.querySelector('input'); {action}"
    text = page(example())
    assert text.count("</body>") == 1
    path.write_text(
        text.replace("</body>", f"<script>{script}</script></body>")
    )
    wait = "--virtual-time-budget=3000"
    pixels = screenshot(browser, path, (1100, 1000), wait)
    other = 3 - shown
    assert len(places(pixels, shown)) == 1
    assert len(places(pixels, other)) == 0
