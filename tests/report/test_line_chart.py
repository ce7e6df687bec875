import math
import re

from keras_ganloss.report.line_chart import line_chart
from keras_ganloss.report.line_chart import summary
from keras_ganloss.report.markup import element
from keras_ganloss.report.markup import table
from keras_ganloss.report.markup import to_html


def paths(chart):
    """Returns the curves of a chart as commands and lists of places."""
    drawing = chart.find("svg")
    curves = [p.get("d") for p in drawing.iter("path")]
    return [re.findall(r"([MLh])([\d. ]+)", curve) for curve in curves]


def test_places_of_points():
    chart = line_chart("r1", {"r1": [(1, 0.0), (2, 10.0), (3, 5.0)]})
    # From 48 to 344 across; 8 to 172 down, with a twentieth of 10 as room.
    (curve,) = paths(chart)
    assert curve == [
        ("M", "48.0 164.5"),
        ("h", "0"),
        ("L", "196.0 15.5"),
        ("L", "344.0 90.0"),
    ]


def test_what_is_not_finite_is_a_gap():
    points = [(1, 1.0), (2, math.nan), (3, 2.0), (4, math.inf), (5, 1.0)]
    (curve,) = paths(line_chart("r1", {"r1": points}))
    assert [command for command, _ in curve] == ["M", "h"] * 3
    (curve,) = paths(line_chart("r1", {"r1": [(1, math.nan)]}))
    assert curve == []


def test_accuracy_is_between_zero_and_one():
    points = {"d_accuracy": [(1, 1.0), (2, 0.5)]}
    chart = line_chart("discriminator accuracy", points)
    (curve,) = paths(chart)
    assert [places for _, places in curve] == ["48.0 8.0", "0", "344.0 90.0"]
    (middle,) = chart.find("svg").findall("line[@class='middle']")
    assert middle.get("y1") == "90.0"


def test_powers_of_ten():
    points = {"r1": [(1, 0.1), (2, 1000.0)]}
    chart = line_chart("r1", points)
    labels = [text.text for text in chart.iter("text")]
    assert labels[:5] == ["0.1", "1", "10", "100", "1000"]


def test_validation_is_dashed_and_has_its_last_value():
    chart = line_chart("r1", {"r1": [(1, 0.5)], "val_r1": [(1, 0.25)]})
    kinds = [p.get("class") for p in chart.find("svg").iter("path")]
    assert kinds == ["curve color-0", "curve color-0 validation"]
    entries = ["".join(entry.itertext()) for entry in chart.iter("li")]
    assert entries == [" r1 0.5", " r1 (validation) 0.25"]


def test_summary():
    curves = {"d_loss": [(1, 1.5), (7, 0.25)], "val_d_loss": [(7, 3.0)]}
    assert summary("losses", curves) == (
        "losses until epoch 7: discriminator from 1.5 to 0.25, "
        "discriminator (validation) from 3 to 3"
    )


def test_everything_is_escaped():
    made = element("p", "<&", element("b", "x"), '"<', title='"<&\x00')
    assert to_html(made) == (
        '<p title="&quot;<&amp;\N{REPLACEMENT CHARACTER}">&lt;&amp;'
        '<b>x</b>"&lt;</p>'
    )


def test_table():
    html = to_html(table([["a", "1"]], ["name", "value"]))
    assert html == (
        '<div class="scroll"><table><thead><tr><th scope="col">name</th>'
        '<th scope="col">value</th></tr></thead><tbody><tr>'
        '<th scope="row">a</th><td>1</td></tr></tbody></table></div>'
    )
