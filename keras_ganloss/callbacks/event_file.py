"""What TensorBoard reads, written without TensorFlow."""

import io
import os
import time
import wave
from typing import Any

import numpy as np

from keras_ganloss.utils.typing import Tensor

NUM_BINS = 30


class EventFile:
    """Writes images, sounds, scalars, histograms, texts for TensorBoard.

    The usual way to write them imports TensorFlow, which users of other
    backends need not have. Needs the package `tensorboard`.

    Args:
        directory: Path of the log directory, made if missing.

    Example:

    >>> events = EventFile("logs")
    >>> events.add_scalar("d_loss", 1.4, step=1)
    >>> events.close()
    """

    def __init__(self, directory: Any) -> None:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._writer = EventFileWriter(os.fspath(directory))

    def add_scalar(self, tag: str, value: Any, step: Any) -> None:
        """Adds a point of a curve."""
        self._add(step, tag=tag, simple_value=float(value))

    def add_image(self, tag: str, png: bytes, step: Any) -> None:
        """Adds a picture, the bytes of a PNG file."""
        from PIL import Image
        from tensorboard.compat.proto.summary_pb2 import Summary

        with Image.open(io.BytesIO(png)) as picture:
            width, height = picture.size
            channels = len(picture.getbands())
        image = Summary.Image(
            height=height,
            width=width,
            colorspace=channels,
            encoded_image_string=png,
        )
        self._add(step, tag=tag, image=image)

    def add_audio(self, tag: str, wav: bytes, step: Any) -> None:
        """Adds a sound, the bytes of a WAV file."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        with wave.open(io.BytesIO(wav)) as sound:
            audio = Summary.Audio(
                sample_rate=sound.getframerate(),
                num_channels=sound.getnchannels(),
                length_frames=sound.getnframes(),
                encoded_audio_string=wav,
                content_type="audio/wav",
            )
        self._add(step, tag=tag, audio=audio)

    def add_histogram(self, tag: str, values: Tensor, step: Any) -> None:
        """Adds the distribution of the finite ones of some numbers."""
        from tensorboard.compat.proto.summary_pb2 import HistogramProto

        values = np.asarray(values, "float64").ravel()
        values = values[np.isfinite(values)]
        if not values.size:
            return
        counts, edges = np.histogram(values, NUM_BINS)
        histogram = HistogramProto(
            min=values.min(),
            max=values.max(),
            num=values.size,
            sum=values.sum(),
            sum_squares=np.square(values).sum(),
            # An empty first bin says where the second one begins.
            bucket_limit=edges,
            bucket=[0, *counts],
        )
        self._add(step, tag=tag, histo=histogram)

    def add_text(self, tag: str, text: str, step: Any) -> None:
        """Adds a text in Markdown."""
        from tensorboard.compat.proto.summary_pb2 import SummaryMetadata
        from tensorboard.compat.proto.tensor_pb2 import TensorProto
        from tensorboard.compat.proto.types_pb2 import DT_STRING

        plugin = SummaryMetadata.PluginData(plugin_name="text")
        self._add(
            step,
            tag=tag,
            tensor=TensorProto(dtype=DT_STRING, string_val=[text.encode()]),
            metadata=SummaryMetadata(plugin_data=plugin),
        )

    def close(self) -> None:
        self._writer.close()

    def _add(self, step, **value):
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        summary = Summary(value=[Summary.Value(**value)])
        event = Event(wall_time=time.time(), step=step, summary=summary)
        self._writer.add_event(event)
        self._writer.flush()
