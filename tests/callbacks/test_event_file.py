import io

import numpy as np
import pytest

from keras_ganloss.callbacks import EventFile

Image = pytest.importorskip("PIL.Image")
accumulator = pytest.importorskip(
    "tensorboard.backend.event_processing.event_accumulator"
)


def read(directory):
    """Reads with TensorBoard's own reader."""
    reader = accumulator.EventAccumulator(
        str(directory), {"tensors": 0, "images": 0, "scalars": 0}
    )
    reader.Reload()
    return reader


def test_scalars(tmp_path):
    events = EventFile(tmp_path)
    events.add_scalar("d_loss", 1.5, step=1)
    events.add_scalar("d_loss", 0.25, step=2)
    events.close()
    points = read(tmp_path).Scalars("d_loss")
    assert [(point.step, point.value) for point in points] == [
        (1, 1.5),
        (2, 0.25),
    ]


@pytest.mark.parametrize("mode, bands", [("L", 1), ("RGB", 3), ("RGBA", 4)])
def test_images(tmp_path, mode, bands):
    file = io.BytesIO()
    Image.new(mode, (7, 5)).save(file, format="PNG")
    events = EventFile(tmp_path)
    events.add_image("samples", file.getvalue(), step=3)
    events.close()
    (image,) = read(tmp_path).Images("samples")
    assert (image.step, image.width, image.height) == (3, 7, 5)
    assert image.encoded_image_string == file.getvalue()
    assert len(
        Image.open(io.BytesIO(image.encoded_image_string)).getbands()
    ) == (bands)


def test_histograms(tmp_path):
    values = np.random.default_rng(0).normal(size=(50, 40))
    with_gaps = np.append(values, [np.nan, np.inf])
    events = EventFile(tmp_path)
    events.add_histogram("weights", with_gaps, step=1)
    events.add_histogram("nothing", [np.nan], step=1)
    events.close()
    reader = read(tmp_path)
    (event,) = reader.Histograms("weights")
    histogram = event.histogram_value
    assert histogram.num == 2000
    assert histogram.min == values.min() and histogram.max == values.max()
    assert histogram.sum == pytest.approx(values.sum())
    assert histogram.sum_squares == pytest.approx((values**2).sum())
    counts, edges = np.histogram(values, 30)
    assert list(histogram.bucket) == [0, *counts]
    np.testing.assert_allclose(histogram.bucket_limit, edges)
    assert "nothing" not in reader.Tags()["histograms"]


def test_a_constant_has_a_histogram(tmp_path):
    events = EventFile(tmp_path)
    events.add_histogram("bias", np.zeros(7), step=1)
    events.close()
    (event,) = read(tmp_path).Histograms("bias")
    assert sum(event.histogram_value.bucket) == 7


def test_texts(tmp_path):
    events = EventFile(tmp_path)
    events.add_text("settings", "a | b: ä", step=0)
    events.close()
    (event,) = read(tmp_path).Tensors("settings")
    assert event.tensor_proto.string_val[0].decode() == "a | b: ä"
