"""The page that `callbacks.Report` writes."""

from keras_ganloss.report.line_chart import line_chart as line_chart
from keras_ganloss.report.page import Run as Run
from keras_ganloss.report.page import page as page
from keras_ganloss.report.settings import networks as networks
from keras_ganloss.report.settings import settings as settings
from keras_ganloss.report.settings import versions as versions
from keras_ganloss.utils.described import describe as describe
