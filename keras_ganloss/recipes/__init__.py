"""Arguments of `compile` that were found to go well together."""

from keras_ganloss.recipes.annealed import annealed as annealed
