"""Networks of Keras written down in torch, to take a paper's step with them.

Formulas stand in the tests; here is how a layer is called, and what a step of
gradient descent is.
"""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import layers

torch = pytest.importorskip("torch")
functional = torch.nn.functional

RATE = 0.01  # Of plain gradient descent, for both players and on both sides.


def array(x):
    return np.asarray(ops.convert_to_numpy(x))


def tensor(x):
    return torch.tensor(array(x))


def channels_first(x):
    return x.permute(0, -1, *range(1, x.ndim - 1))


def channels_last(x):
    return x.permute(0, *range(2, x.ndim), 1)


class Weights:
    """The trainable weights of a network as leaves of torch.

    Layers are called by their names, on tensors with channels first.
    """

    def __init__(self, network):
        self.network = network
        self.variables = list(network.trainable_variables)
        self.leaves = {
            id(variable): tensor(variable).requires_grad_()
            for variable in self.variables
        }

    def of(self, variable):
        return self.leaves[id(variable)]

    def kernel(self, layer):
        if isinstance(layer, layers.WeightNormalization):
            kernel = self.of(layer.layer.kernel)
            axes = tuple(range(kernel.ndim - 1))
            return (
                self.of(layer.scale) * kernel / kernel.square().sum(axes).sqrt()
            )
        if isinstance(layer, layers.SpectralNormalization):
            kernel = self.of(layer.layer.kernel)
            matrix = kernel.reshape(-1, kernel.shape[-1])
            return kernel / torch.linalg.matrix_norm(matrix, 2)
        return self.of(layer.kernel)

    def conv(self, x, name, **settings):
        layer = self.network.get_layer(name)
        inner = getattr(layer, "layer", layer)
        kernel = self.kernel(layer)
        kernel = kernel.permute(-1, -2, *range(kernel.ndim - 2))
        bias = self.of(inner.bias) if inner.use_bias else None
        function = {3: functional.conv1d, 4: functional.conv2d}[x.ndim]
        return function(x, kernel, bias, **settings)

    def batch_norm(self, x, name):
        layer = self.network.get_layer(name)
        return functional.batch_norm(
            x,
            None,
            None,
            self.of(layer.gamma),
            self.of(layer.beta),
            training=True,
            eps=layer.epsilon,
        )

    def gradients(self, loss):
        """Of a loss, in the order of `variables`."""
        return torch.autograd.grad(
            loss, list(self.leaves.values()), retain_graph=True
        )

    def descend(self, loss):
        """One step of plain gradient descent; returns the gradients."""
        found = self.gradients(loss)
        with torch.no_grad():
            for leaf, gradient in zip(self.leaves.values(), found):
                leaf -= RATE * gradient
        return found


def find_spectral_norms(network):
    """Lets spectral normalization know its vectors, which it learns slowly."""
    for layer in network.layers:
        if isinstance(layer, layers.SpectralNormalization):
            for kernel, vector in zip(layer.kernels, layer.vectors):
                matrix = array(kernel).reshape(-1, kernel.shape[-1])
                *_, right = np.linalg.svd(matrix, full_matrices=False)
                vector.assign(right[:1])


def optimizer():
    """Gradient descent that still has the gradient after the first step."""
    return keras.optimizers.SGD(RATE, momentum=0.9)


def assert_same_gradients(optimizer, gradients, tolerance=1e-5):
    """Compares what one step went along with gradients of torch.

    Args:
        optimizer: What `optimizer` made, after its first step.
        gradients: What torch found, in the order of the variables.
        tolerance: Float, of the largest number of each gradient, and a fifth
            of it of the largest of all: sums that cancel are less exact.
    """
    gradients = [gradient.numpy() for gradient in gradients]
    largest = max(abs(gradient).max() for gradient in gradients)
    for momentum, gradient in zip(optimizer.momentums, gradients, strict=True):
        np.testing.assert_allclose(
            array(momentum) / -RATE,
            gradient,
            rtol=0.0,
            atol=tolerance * (abs(gradient).max() + 0.2 * largest),
            err_msg=momentum.path,
        )
