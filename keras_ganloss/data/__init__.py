"""Data whose order is a function of a seed and an epoch."""

from keras_ganloss.data.resumable import ResumableData as ResumableData
from keras_ganloss.data.resumable_arrays import (
    ResumableArrays as ResumableArrays,
)
from keras_ganloss.data.resumable_stream import (
    ResumableStream as ResumableStream,
)
