"""Loaders of the examples, on files of a few pixels written here."""

import gzip
import importlib.util
import io
import json
import pathlib
import tarfile
import wave

import numpy as np
import pytest
from PIL import Image

PATH = pathlib.Path(__file__).parents[2] / "examples" / "datasets.py"
spec = importlib.util.spec_from_file_location("datasets", PATH)
datasets = importlib.util.module_from_spec(spec)
spec.loader.exec_module(datasets)

# Two pictograms, one of them in two variants; the table is not in the order
# of the names.
TABLE = [
    {
        "image": "b.png",
        "category": "Hands",
        "skin_variations": {"1": {"image": "a.png"}},
    },
    {"image": "c.png", "category": "Birds"},
]
# Opaque red, half-transparent black, and nothing at all.
COLORS = {
    "a.png": (255, 0, 0, 255),
    "b.png": (0, 0, 0, 51),
    "c.png": (7, 7, 7, 0),
}


def png(color):
    content = io.BytesIO()
    Image.new("RGBA", (64, 64), color).save(content, "png")
    return content.getvalue()


def contents():
    yield "emoji.json", json.dumps(TABLE).encode()
    for name, color in COLORS.items():
        yield f"img/google/64/{name}", png(color)


def write_archive(directory):
    path = directory / "emoji-datasource-google-16.0.0.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def write_folder(directory):
    for name, content in contents():
        path = directory / "emoji-datasource-google" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.mark.parametrize("write", [write_archive, write_folder])
@pytest.mark.parametrize("size", [64, 32])
def test_emoji(write, size, tmp_path, monkeypatch):
    write(tmp_path)
    monkeypatch.setenv("EMOJI_DIRECTORY", str(tmp_path))
    emoji = datasets.emoji("google", size)
    assert emoji.names == ["a.png", "b.png", "c.png"]
    assert emoji.categories == ["Birds", "Hands"]
    assert emoji.labels.tolist() == [1, 1, 0]
    assert emoji.pictograms.tolist() == [0, 0, 1]
    assert emoji.images.shape == (3, size, size, 3)
    assert emoji.images.dtype == np.float32
    # 51 / 255 is a fifth: -1 * 0.2 + 1 * 0.8.
    colors = [[1.0, -1.0, -1.0], [0.6, 0.6, 0.6], [1.0, 1.0, 1.0]]
    expected = np.broadcast_to(
        np.array(colors)[:, None, None], (3, size, size, 3)
    )
    np.testing.assert_allclose(emoji.images, expected, atol=1e-6)


def test_average_by_hand():
    image = np.arange(16.0).reshape(4, 4, 1)
    np.testing.assert_array_equal(
        datasets.average(image, 2)[..., 0], [[2.5, 4.5], [10.5, 12.5]]
    )


def test_missing_emoji_say_what_to_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="npm pack .*-twitter@16.0.0"):
        datasets.emoji("twitter", directory=tmp_path)


def test_unknown_artist_and_size():
    with pytest.raises(ValueError, match="Received: artist='apple'"):
        datasets.emoji("apple")
    with pytest.raises(ValueError, match="Received: size=48"):
        datasets.emoji("google", 48)


def test_fashion_mnist(tmp_path):
    for part, num in (("train", 2), ("t10k", 1)):
        pixels = np.arange(num * 784).reshape(-1) % 256
        images, labels = bytes(16) + bytes(pixels.tolist()), bytes(8 + num)
        for name, content in (
            ("images-idx3", images),
            ("labels-idx1", labels),
        ):
            path = tmp_path / f"{part}-{name}-ubyte.gz"
            path.write_bytes(gzip.compress(content))
    (images, labels), (held_out, _) = datasets.fashion_mnist(tmp_path)
    assert images.shape == (2, 28, 28, 1) and held_out.shape == (1, 28, 28, 1)
    assert images.dtype == np.float32 and labels.tolist() == [0, 0]
    # The first row counts from 0 to 27.
    np.testing.assert_allclose(
        held_out[0, 0, :, 0], np.arange(28) / 127.5 - 1.0, atol=1e-6
    )


def test_missing_fashion_mnist_says_what_to_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="dataset-fashion-mnist"):
        datasets.fashion_mnist(tmp_path)


def test_small_digits():
    from sklearn.datasets import load_digits

    images, labels = datasets.small_digits()
    assert images.shape == (1797, 8, 8, 1) and images.dtype == np.float32
    # Counts of black pixels in squares of 4x4: 0 to 16.
    expected = (load_digits().images - 8.0) / 8.0
    np.testing.assert_array_equal(images[..., 0], expected)
    assert labels[:10].tolist() == list(range(10))


def test_speech_is_read_as_it_was_written(tmp_path):
    samples = np.array([0.0, 0.5, -1.0, 1.0, 2.0], "float32")
    (tmp_path / "silence").mkdir()
    for name in ("b.wav", "a.wav", "beep.wav", "silence/1.wav"):
        datasets.write_wav(tmp_path / name, samples)
    speech = datasets.speech(tmp_path)
    assert list(speech) == ["a.wav", "b.wav"]
    # What is too loud is clipped, to the largest number of 16 bits.
    top = 32767 / 32768
    assert speech["a.wav"].tolist() == [0.0, 0.5, -1.0, top, top]


def test_speech_of_another_kind(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 22050, 0, "NONE", None))
        file.writeframes(bytes(8))
    with pytest.raises(ValueError, match=r"8,000 .* Received: \(22050, 2, 1\)"):
        datasets.speech(tmp_path)


def test_missing_speech_says_what_to_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="asterisk-core-sounds-en-wav"):
        datasets.speech(tmp_path)


def test_photos(tmp_path):
    for name, color in (("b.JPG", (9, 9, 9)), ("a.png", (255, 0, 7))):
        Image.new("RGB", (6, 4), color).save(tmp_path / name)
    (tmp_path / "readme.txt").write_text("no photo")
    first, second = datasets.photos(tmp_path)
    assert first.shape == second.shape == (4, 6, 3)
    assert first.dtype == np.uint8 and (first == [255, 0, 7]).all()
    assert (second == 9).all()


def test_missing_photos_say_what_to_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="install mate-backgrounds"):
        datasets.photos(tmp_path)


def test_known_photos_are_not_among_those_to_train_on():
    known = datasets.known_photos()
    assert len(known) == 7
    assert known["chelsea"].shape == (300, 451, 3)
    names = {path.stem.lower() for path in datasets.NATURE.glob("*")}
    assert not names & set(known)


def test_shrink_by_hand():
    # A ramp stays one: the mean of four pixels in a row, but where the kernel,
    # of eight pixels to each side, sees an end. 67 is 16 times four, and three.
    ramp = np.broadcast_to(3 * np.arange(67)[:, None], (9, 67, 3))
    small = datasets.shrink(ramp.astype("uint8"), 4)
    assert small.shape == (2, 16, 3)
    expected = 3 * (4 * np.arange(16) + 1.5)
    np.testing.assert_allclose(
        small[0, 2:-2], expected[2:-2, None].repeat(3, 1), atol=0.5
    )


def test_cut_by_hand():
    image = np.arange(30).reshape(5, 6, 1)
    squares = datasets.cut(image, 3, 2)
    assert squares.shape == (4, 3, 3, 1)
    corners = squares[:, 0, 0, 0].tolist()
    assert corners == [0, 2, 12, 14]
    np.testing.assert_array_equal(squares[3, ..., 0], image[2:5, 2:5, 0])
