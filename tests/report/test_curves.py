import math

import pytest

from keras_ganloss.report import curves


def test_panels():
    names = ["d_loss", "g_loss", "d_accuracy", "real_output", "fake_output"]
    names += ["gradient_penalty", "d_learning_rate", "g_learning_rate"]
    names += ["val_d_loss", "val_gradient_penalty", "held_out_accuracy"]
    assert curves.group(names) == {
        "losses": ["d_loss", "g_loss", "val_d_loss"],
        "discriminator accuracy": ["d_accuracy", "held_out_accuracy"],
        "mean outputs": ["real_output", "fake_output"],
        "gradient penalty": ["gradient_penalty", "val_gradient_penalty"],
        "learning rates": ["d_learning_rate", "g_learning_rate"],
    }


def test_colors_say_who_it_is():
    names = ["d_loss", "val_g_loss", "other_loss", "val_other_loss"]
    assert curves.color_names(names) == {
        "d_loss": "d",
        "val_g_loss": "g",
        "other_loss": 2,
        "val_other_loss": 2,
    }


def test_labels():
    assert curves.labels(["d_loss", "g_loss", "val_d_loss"]) == {
        "d_loss": "discriminator",
        "g_loss": "generator",
    }
    assert curves.labels(["r1", "val_r1"]) == {"r1": "training"}
    assert curves.labels(["val_frechet_distance"]) == {}
    assert curves.labels(["val_a_output", "val_real_output"]) == {
        "val_a_output": "a output",
        "val_real_output": "on real",
    }
    assert not curves.needs_legend("r1", ["r1"])
    assert curves.needs_legend("losses", ["d_loss"])
    assert curves.needs_legend("recall", ["val_recall"])  # It is dashed.


@pytest.mark.parametrize(
    "title, values, expected",
    [
        ("r1", [0.1, 99.0], False),
        ("r1", [0.1, 101.0], True),
        ("r1", [-0.1, 101.0], False),
        ("r1", [0.1, math.nan, math.inf, 1.0], False),
        ("r1", [], False),
        ("learning rates", [1e-4, 1.1e-3], True),
    ],
)
def test_when_powers_of_ten(title, values, expected):
    assert curves.is_logarithmic(title, values) == expected


def test_logs_of_epochs():
    logs = curves.by_epoch({"a": [1.0, 2.0], "late": [5.0]})
    assert logs == {0: {"a": 1.0}, 1: {"a": 2.0, "late": 5.0}}
    assert curves.to_curves(logs) == {
        "a": [(1, 1.0), (2, 2.0)],
        "late": [(2, 5.0)],
    }
