"""What a backend cannot do: one list for the tests and for the docs.

`tests/backend/test_limits.py` runs into every limit and compares what happens
with this list, and the list with the table of `docs/scale/backends.md`.
`python -m tests.helpers.limits` writes the table.
"""

import contextlib
import dataclasses
import pathlib
import re

import keras
import pytest

DOCS = pathlib.Path(__file__).parents[2] / "docs" / "scale" / "backends.md"
BEGIN = "<!-- Written by tests/helpers/limits.py. -->\n"
END = "<!-- End of what tests/helpers/limits.py writes. -->\n"
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "torch"}


@dataclasses.dataclass(frozen=True)
class Limit:
    """A row of the table.

    Args:
        what: What a user may want.
        backends: Where it does not go as elsewhere.
        reason: Why, and what to do instead.
        message: What the user is told, to the letter, up to `Received:`.
            Empty if nothing is said.
    """

    what: str
    backends: tuple[str, ...]
    reason: str
    message: str = ""

    @property
    def applies(self):
        """Whether the backend of this process has the limit."""
        return keras.backend.backend() in self.backends

    def raises(self):
        """Expects the message on the backends that have the limit."""
        if not self.applies:
            return contextlib.nullcontext()
        message = re.escape(self.message) + ".*Received: "
        return pytest.raises(ValueError, match="(?s)^" + message)

    def skip(self):
        """Skips the rest of a test, or a fixture, where the limit applies."""
        if self.applies:
            pytest.skip(self.reason)

    @property
    def marker(self):
        """Marks tests that a backend with the limit cannot run."""
        return pytest.mark.skipif(self.applies, reason=self.reason)

    def row(self):
        names = ", ".join(BACKENDS[name] for name in self.backends)
        message = f'"{self.message}"' if self.message else "none"
        return f"| {self.what} | {names} | {self.reason} | {message} |\n"


EXPORT = Limit(
    "`export`, in every format",
    ("jax", "torch"),
    "The writers of Keras differ by backend: no names, one size of batch, or "
    "operations of XLA, which other runtimes do not read. A `.keras` file is "
    "the same on all backends, so any of them can train what TensorFlow "
    "exports.",
    "Exports are written by the TensorFlow backend. Save the model, "
    "`model.save('model.keras')`, and export it from a Python that was "
    "started with the environment variable KERAS_BACKEND=tensorflow: `import "
    "keras_ganloss`, then `keras.saving.load_model('model.keras')"
    ".export(path)`.",
)
STEPS_PER_EXECUTION = Limit(
    "`steps_per_execution` above 1",
    ("torch",),
    "Keras has no such loop on torch. (On JAX it is a loop in Python around "
    "the compiled step.)",
    "`steps_per_execution` must be 1 on torch, which has no loop of its own.",
)
JIT_COMPILE = Limit(
    "`jit_compile=True` with a penalty on gradients",
    ("torch",),
    "`torch.compile` does not differentiate twice. Without such a penalty it "
    "works, but compiling takes longer than many a training on a CPU; "
    "`jit_compile` is off on torch unless you ask for it.",
    "`jit_compile=True` cannot go with a penalty on gradients on torch: "
    "`torch.compile` does not differentiate twice. Leave `jit_compile` out, "
    "or use the TensorFlow or JAX backend.",
)
NOT_FINITE = Limit(
    "an error for NaN or infinity in data that are no arrays (arrays are "
    "looked through before training, everywhere)",
    ("jax",),
    "A compiled JAX function cannot raise, so the losses become NaN; "
    "`run_eagerly=True` finds the batch. The same goes for "
    "`jit_compile=True` on TensorFlow, and on torch for data that are not on "
    "the CPU.",
)
PARTIAL_BATCH = Limit(
    "a last batch of another size at no cost",
    ("jax",),
    "JAX compiles the step once for each shape: with a partial last batch, "
    "twice. Leave the remainder out (`drop_remainder`) where compiling takes "
    "long.",
)
DROPOUT = Limit(
    "`seed=...` of a game, or `Backup`, deciding the masks of `Dropout` "
    "layers that have no seed of their own",
    ("torch",),
    "Keras takes these masks from torch's global generator. Give the layers "
    "seeds (`Dropout(0.3, seed=1)`), or call `keras.utils.set_random_seed`, "
    "which `Backup` cannot go back to.",
)
XLA_NOISE = Limit(
    "the same random numbers with `jit_compile=True` and without",
    ("tensorflow",),
    "TensorFlow draws other numbers in XLA, from the same seeds.",
)
SHARED_MEMORY = Limit(
    "`variable.assign(other)` as a copy",
    ("jax",),
    "The two share memory then, which the next `fit` gives away: reading the "
    'other one fails ("deleted or donated"). Assign `keras.ops.copy(other)`.',
)
ATTENTION = Limit(
    "flash attention in a discriminator under a penalty on gradients",
    ("torch",),
    "Of torch's kernels for attention one alone can be differentiated twice, "
    "and it is not the fastest. The games choose it by themselves; the "
    "gradients are right.",
)
DIVISIBLE = Limit(
    "`keras.distribution` with batches of any size",
    ("jax",),
    "Each device gets the same number of samples. Said before the first step "
    "for arrays, and by `generate`.",
    "Every batch, the last one too, must be divisible by the number of "
    "devices. Choose such a `batch_size` and leave some samples out.",
)
TF_DISTRIBUTE = Limit(
    "`tf.distribute.MirroredStrategy`, `MultiWorkerMirroredStrategy`",
    ("jax", "torch"),
    "These are TensorFlow's. JAX has `keras.distribution`, torch "
    "`torch.distributed`.",
)
KERAS_DISTRIBUTION = Limit(
    "`keras.distribution.DataParallel`",
    ("tensorflow", "torch"),
    "Keras trains by it on JAX alone.",
)
TORCH_DISTRIBUTED = Limit(
    "`torchrun`",
    ("tensorflow", "jax"),
    "It is torch's.",
)

LIMITS = {
    name.lower(): value
    for name, value in list(globals().items())
    if isinstance(value, Limit)
}


def only(backend, reason):
    """Marks tests of what is written for one backend."""
    return pytest.mark.skipif(
        keras.backend.backend() != backend,
        reason=f"{BACKENDS[backend]} alone: {reason}",
    )


def table():
    """Returns the table of `docs/scale/backends.md`."""
    head = "| what | not on | why, and what to do | message |\n"
    rows = [limit.row() for limit in LIMITS.values()]
    return "".join([BEGIN, head, "|---|---|---|---|\n", *rows, END])


if __name__ == "__main__":
    text = DOCS.read_text()
    before, _, rest = text.partition(BEGIN)
    DOCS.write_text(before + table() + rest.partition(END)[2])
