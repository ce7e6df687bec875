from keras_ganloss.export.generator import export_generator as export_generator
from keras_ganloss.export.network import export_network as export_network
