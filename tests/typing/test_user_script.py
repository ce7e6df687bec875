"""What a type checker says of scripts of users."""

import inspect
import json
import os
import pathlib
import subprocess
import sys

import keras
import pytest

from keras_ganloss.game import keras_signatures
from tests.helpers import limits

ROOT = pathlib.Path(__file__).parents[2]
SCRIPT = pathlib.Path(__file__).with_name("user_script.py")

pytest.importorskip("pyright")


def pyright(*arguments):
    """Returns what the checker says, as a dict."""
    run = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson"]
        + ["--pythonpath", sys.executable, *arguments],
        env={
            **os.environ,
            "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
    )
    return json.loads(run.stdout)


def errors_in(path):
    """Returns the lines of a script that basic mode finds fault with."""
    (path.parent / "pyrightconfig.json").write_text(
        json.dumps({"typeCheckingMode": "basic", "extraPaths": [str(ROOT)]})
    )
    lines = path.read_text().splitlines()
    found = pyright("--project", str(path.parent))
    assert found["summary"]["filesAnalyzed"] == 1
    return [
        lines[one["range"]["start"]["line"]]
        for one in found["generalDiagnostics"]
        if one["severity"] == "error"
    ]


@limits.only("tensorflow", "types are the same on all")
def test_a_script_is_clean_and_its_mistakes_are_found(tmp_path):
    mistakes = [
        'gan.fit(x, epochs="1")',
        "gan.fit(x, epoch=1)",
        'gan.evaluate(x, steps="1")',
        'gan.compile(d_steps="1")',
        'supervised.fit(x, x, epochs="1")',
        'gan.generate("4")',
        'keras_ganloss.GAN(generator, discriminator, seed="0")',
        'keras_ganloss.losses.ModifiedMinimax(label_smoothing="0.1")',
        'keras_ganloss.penalties.R1(weight="1")',
        'keras_ganloss.callbacks.SampleGrid("samples", every="1")',
        'keras_ganloss.networks.PatchDiscriminator((64, 64, 3), filters="64")',
    ]
    path = tmp_path / "script.py"
    path.write_text("\n".join([SCRIPT.read_text(), *mistakes, ""]))
    assert errors_in(path) == mistakes


@limits.only("tensorflow", "types are the same on all")
def test_what_is_public_has_types():
    """The rest are classes over those of Keras, which has no types itself."""
    found = pyright("--verifytypes", "keras_ganloss", "--ignoreexternal")
    report = found["typeCompleteness"]
    assert pathlib.Path(report["packageRootDirectory"]).parent == ROOT
    untyped = [
        one["name"]
        for one in report["symbols"]
        if one["isExported"] and one["category"] in ("function", "method")
        if any("missing" in why["message"] for why in one["diagnostics"])
    ]
    assert report["completenessScore"] >= 0.95, f"without types: {untyped}"


@pytest.mark.parametrize("name", ["fit", "evaluate"])
def test_signatures_are_those_of_keras(name):
    found, expected = (
        [
            (one.name, one.kind, one.default)
            for one in inspect.signature(method).parameters.values()
        ]
        for method in (
            getattr(keras_signatures, name),
            getattr(keras.Model, name),
        )
    )
    assert found == expected
