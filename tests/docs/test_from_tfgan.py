"""The page for those who come from TF-GAN: its script, and its table."""

import importlib.util
import re

import keras
import numpy as np
import pytest

from keras_ganloss import tfgan
from tests.helpers import page_blocks as blocks
from tests.helpers import tfgan_oracle

PAGE = "migrate/from_tfgan.md"
MODULES = [
    "losses.tuple_losses",
    "features.clip_weights",
    "features.conditioning_utils",
    "features.normalization",
    "features.random_tensor_pool",
    "features.spectral_normalization",
    "features.virtual_batchnorm",
    "eval.classifier_metrics",
    "eval.eval_utils",
    "eval.inception_metrics",
    "eval.sliced_wasserstein",
    "eval.summaries",
    "namedtuples",
    "train",
    "estimator.gan_estimator",
    "estimator.latent_gan_estimator",
    "estimator.stargan_estimator",
    "estimator.tpu_gan_estimator",
    "tpu.normalization_ops",
]


def table():
    """Returns what the page says of each symbol of TF-GAN."""
    says = {}
    text = (blocks.DOCS / PAGE).read_text()
    symbols = text.split("## Symbols")[1].split("## Deliberate")[0]
    for line in symbols.splitlines():
        cells = line.split(" | ")
        if line.startswith("| `") and len(cells) == 2:
            for name in re.findall(r"`(\w+)`", cells[0]):
                says[name] = cells[1]
    return says


needs_tfgan = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow_gan") is None,
    reason="TF-GAN is not installed",
)


@needs_tfgan
@pytest.mark.parametrize("module", MODULES)
def test_page_speaks_of_every_public_name(module):
    assert set(tfgan_oracle.public_names(module)) <= set(table())


@needs_tfgan
def test_what_the_page_calls_the_same_is_there():
    places = {"losses": tfgan, "features": tfgan.features, "eval": tfgan.eval}
    says = table()
    for module in MODULES:
        place = places.get(module.split(".")[0])
        if place is None:
            continue
        for name in tfgan_oracle.public_names(module):
            offered = says[name].startswith("the same")
            assert hasattr(place, name) == offered, name


def points():
    return np.random.default_rng(0).normal(size=(256, 2)).astype("float32")


def test_new_script_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scope = {"points": points()}
    exec(blocks.named_blocks(PAGE)["new script"], scope)
    assert scope["made"].shape == (2,)
    assert np.isfinite(scope["made"]).all()
    assert int(scope["gan"].d_optimizer.iterations.value) == 8


@needs_tfgan
def test_losses_of_the_new_script_are_those_of_the_old(tmp_path, monkeypatch):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("TF-GAN runs on TensorFlow")
    monkeypatch.chdir(tmp_path)
    scripts = blocks.named_blocks(PAGE)
    names = re.findall(
        r"(\w+)_loss_fn=tfgan\.losses\.(\w+)", scripts["old script"]
    )
    scope = {"points": points()}
    exec(scripts["new script"], scope)
    gan, theirs = scope["gan"], tfgan_oracle.import_losses()
    latent = np.random.default_rng(1).normal(size=(32, 4)).astype("float32")
    real = gan.discriminator(points()[:32])
    fake = gan.discriminator(gan.generator(latent))
    for side, name in names:
        arguments = (real, fake) if side == "discriminator" else (fake,)
        expected = float(getattr(theirs, name)(*arguments))
        ours = gan.d_loss if side == "discriminator" else gan.g_loss
        assert float(ours.reduced(real, fake, None)) == pytest.approx(
            expected, rel=1e-5
        )
    assert {side for side, _ in names} == {"discriminator", "generator"}


@needs_tfgan
def test_penalty_of_the_new_script_is_that_of_the_old():
    old = blocks.named_blocks(PAGE)["old script"]
    new = blocks.named_blocks(PAGE)["new script"]
    (weight,) = re.findall(r'"gradient_penalty_weight": ([\d.]+)', old)
    assert f"GradientPenalty({weight})" in new
