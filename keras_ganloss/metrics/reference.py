"""The features of real samples, computed once and kept on disk."""

import hashlib
import io
import pathlib
import warnings
import zipfile
import zlib
from typing import Any
from typing import Self

import keras
import numpy as np
from keras import ops

from keras_ganloss.utils import files
from keras_ganloss.utils.typing import Nest

# What reading a damaged file raises.
_DAMAGES = (
    EOFError,
    KeyError,
    OSError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Reference:
    """Real samples that a set of metrics compares with, such as all there are.

    What a network sees in them is computed when it is first needed, and
    written to a directory under a name made from the data and the network,
    weights included. Later runs, and all metrics that share the object, read
    it. So `evaluate` runs the networks on made samples alone.

    Of a network that is a plain function nobody can tell whether it is the
    same one; what it sees is kept in memory only.

    Args:
        samples: Array or tensor of shape `(num_samples, ...)`, or batches
            that come in the same order each time: a `tf.data.Dataset`, a
            `keras.utils.PyDataset`, or a list of arrays. Of pairs, the first
            entry counts.
        directory: Path of a directory for the files. Made if missing.
        batch_size: Int, how many samples of an array a network sees at once.
            Defaults to 256.

    Raises:
        ValueError: If `samples` can be read only once.

    Example:

    ```python
    reference = Reference(train_images, "features")
    gan.compile(
        metrics=[
            FrechetDistance("fashion_and_digits", reference=reference),
            KernelDistance("efficientnet_lite0", reference=reference),
        ]
    )
    gan.evaluate(test_images)
    ```
    """

    def __init__(
        self, samples: Nest, directory: Any, batch_size: int = 256
    ) -> None:
        if hasattr(samples, "__next__"):
            raise ValueError(
                "`samples` are read more than once. Pass an array, a "
                "`tf.data.Dataset`, a `keras.utils.PyDataset`, or a list of "
                f"batches. Received: samples={samples!r}"
            )
        self.samples = samples
        self.directory = pathlib.Path(directory)
        self.batch_size = batch_size
        self._digest = None
        self._known = {}

    @property
    def digest(self) -> str:
        """A string that tells these samples from others."""
        if self._digest is None:
            digests = []
            for batch in self._batches():
                parts = [
                    np.ascontiguousarray(ops.convert_to_numpy(part))
                    for part in keras.tree.flatten(batch)
                ]
                if not digests:
                    digests = [
                        hashlib.blake2b(f"{p.dtype} {p.shape[1:]}".encode())
                        for p in parts
                    ]
                for digest, part in zip(digests, parts):
                    digest.update(part)
            self._digest = " ".join(each.hexdigest() for each in digests)
        return self._digest

    def features(self, network: Any) -> Any:
        """Returns what a network sees in the samples.

        Args:
            network: A `feature_networks.FeatureNetwork`.

        Returns:
            Float32 numpy array of shape `(num_samples, num_features)`.

        Raises:
            ValueError: If the samples are not there, after loading, and
                neither is a file.
        """
        fingerprint = network.fingerprint()
        if fingerprint is None:  # In memory only, by the object itself.
            if network not in self._known:
                self._known[network] = self._compute(network)
            return self._known[network]
        text = f"{self.digest} {fingerprint}"
        key = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        if key not in self._known:
            path = self.directory / f"features_{key}.npz"
            features = _read(path)
            if features is None:
                features = self._compute(network)
                _write(path, features)
            self._known[key] = features
        return self._known[key]

    def _batches(self):
        if self.samples is None:
            return
        if hasattr(self.samples, "shape"):
            for start in range(0, len(self.samples), self.batch_size):
                yield self.samples[start : start + self.batch_size]
            return
        batches = self.samples
        if isinstance(batches, keras.utils.PyDataset):
            batches = map(batches.__getitem__, range(batches.num_batches))
        for batch in batches:
            yield batch[0] if isinstance(batch, tuple) else batch

    def _compute(self, network):
        if self.samples is None:
            raise ValueError(
                "A `Reference` that comes from a file knows its samples by "
                "what networks have seen in them, and this is no longer in "
                "its directory. Compile again with `Reference(samples, "
                f"directory)`. Received: directory={str(self.directory)!r}"
            )
        runner = _Runner(network)
        return np.concatenate(
            [runner.predict_on_batch(batch) for batch in self._batches()]
        )

    def get_config(self) -> dict[str, Any]:
        return {
            "directory": str(self.directory),
            "batch_size": self.batch_size,
            "digest": self.digest,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        config = dict(config)
        digest = config.pop("digest")
        reference = cls(samples=None, **config)
        reference._digest = digest
        return reference


class _Runner(keras.Model):
    """Lets Keras compile the function of a network."""

    def __init__(self, network):
        super().__init__(name="runner", dtype="float32")
        self.run = network

    def call(self, samples):
        return self.run(samples)


def _read(path):
    """Returns the features of a file, or `None` if it is of no use."""
    if not path.is_file():
        return None
    try:
        with np.load(path) as file:  # Compares the checksum in it.
            return file["features"]
    except _DAMAGES as error:
        warnings.warn(
            f"The file {str(path)!r} is damaged and is made anew: {error}",
            stacklevel=2,
        )
        return None


def _write(path, features):
    file = io.BytesIO()
    np.savez(file, features=features)
    files.replace(path, file.getvalue())
