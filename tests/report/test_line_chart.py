import json
import math
import re

import pytest

from keras_ganloss.report.line_chart import line_chart
from keras_ganloss.report.line_chart import summary
from keras_ganloss.report.markup import element
from keras_ganloss.report.markup import table
from keras_ganloss.report.markup import to_html

pytest.importorskip("matplotlib")


def lines(chart, color):
    """Returns the curves of a color: commands and places on the drawing."""
    return [
        [(kind, float(x), float(y)) for kind, x, y in parts]
        for parts in (
            re.findall(r"([ML]) ([\d.]+) ([\d.]+)", path.get("d") or "")
            for path in chart.find("svg").iter("path")
            if f"stroke: var(--{color})" in path.get("style", "")
            and "clip-path" in path.attrib
        )
    ]


def test_curve_points_at_its_numbers():
    points = [(1, 0.0), (2, 10.0), (3, 5.0)]
    chart = line_chart("r1", {"r1": points})
    (curve,) = lines(chart, "d")
    assert [kind for kind, _, _ in curve] == ["M", "L", "L"]
    (_, *first), (_, *second), (_, *third) = curve
    # Evenly across, and higher values higher up, in proportion.
    assert second[0] - first[0] == pytest.approx(third[0] - second[0])
    assert first[1] - second[1] == pytest.approx(2 * (first[1] - third[1]))
    assert first[1] > third[1] > second[1]
    # What the script needs: places as shares of the width, and the values.
    assert json.loads(chart.get("data-epochs")) == [1, 2, 3]
    width = float(chart.find("svg").get("viewBox").split()[2])
    places = [width * place for place in json.loads(chart.get("data-places"))]
    assert places == pytest.approx([x for _, x, _ in curve], abs=0.1)
    (entry,) = chart.iter("li")
    assert json.loads(entry.get("data-values")) == ["0", "10", "5"]


def test_values_of_a_curve_that_begins_later():
    curves = {"a_loss": [(1, 1.0), (2, 2.0)], "b_loss": [(2, 0.5)]}
    first, second = line_chart("losses", curves).iter("li")
    assert json.loads(first.get("data-values")) == ["1", "2"]
    assert json.loads(second.get("data-values")) == ["", "0.5"]


def test_what_is_not_finite_is_a_gap():
    points = [(1, 1.0), (2, math.nan), (3, 2.0), (4, 1.0), (5, math.inf)]
    chart = line_chart("r1", {"r1": points})
    (curve,) = lines(chart, "d")
    assert [kind for kind, _, _ in curve] == ["M", "M", "L"]
    # The first one is alone: a dot.
    dots = [
        use.get("x")
        for use in chart.iter("use")
        if "var(--d)" in use.get("style", "")
    ]
    assert [float(x) for x in dots] == [pytest.approx(curve[0][1])]
    assert "inf" in "".join(chart.itertext())
    chart = line_chart("r1", {"r1": [(1, math.nan)]})
    assert not any(lines(chart, "d"))


def level(chart):
    """Returns how high marked values are, as shares of the curve's extent."""
    (curve,) = lines(chart, "d")
    low, high = (pick(y for _, _, y in curve) for pick in (max, min))
    marks = [mark[0][2] for mark in lines(chart, "faint")]
    return [pytest.approx((low - y) / (low - high), abs=1e-3) for y in marks]


def test_levels_are_marked_where_they_are_in_sight():
    points = {"r1": [(1, 0.0), (2, 10.0), (3, 5.0)]}
    chart = line_chart("r1", points, levels=[2.5, 100.0])
    assert level(chart) == [0.25]
    assert lines(chart, "d") == lines(line_chart("r1", points), "d")


def test_accuracy_is_between_zero_and_one():
    curves = {"d_accuracy": [(1, 0.5), (2, 0.5), (3, 0.5)]}
    chart = line_chart("discriminator accuracy", curves)
    texts = [text.text for text in chart.iter("text")]
    assert {"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"} <= set(texts)


def test_powers_of_ten():
    chart = line_chart("r1", {"r1": [(1, 0.1), (2, 1000.0)]})
    texts = [text.text for text in chart.iter("text")]
    assert texts[-5:] == ["0.1", "1", "10", "100", "1000"]


def test_validation_is_dashed_and_has_its_last_value():
    chart = line_chart("r1", {"r1": [(1, 0.5)], "val_r1": [(1, 0.25)]})
    styles = [
        path.get("style")
        for path in chart.find("svg").iter("path")
        if "var(--d)" in path.get("style", "") and "clip-path" in path.attrib
    ]
    assert ["dasharray" in style for style in styles] == [False, True]
    entries = ["".join(entry.itertext()) for entry in chart.iter("li")]
    assert entries == [" r1 0.5", " r1 (validation) 0.25"]


def test_text_of_a_chart():
    chart = line_chart("r1", {"r1": [(1, 0.5)]}, "A penalty.")
    assert [p.text for p in chart.iter("p")] == ["A penalty."]
    assert not list(line_chart("r1", {"r1": [(1, 0.5)]}).iter("p"))


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
