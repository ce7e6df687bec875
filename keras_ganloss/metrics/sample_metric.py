"""The abstract metric of samples."""

import keras


class SampleMetric(keras.metrics.Metric):
    """Abstract: measured over a whole evaluation, after its last batch."""
