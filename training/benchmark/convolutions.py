"""The convolutions of a train step, alone.

They are the layers as the paper has them, each as often as the players' losses need it when every
player takes its own gradient, run by PyTorch in channels-last on buffers that are there already.
An implementation may do with less: ours does (docs/speed.md).
"""

import dataclasses

from keras_acai.nn import networks


@dataclasses.dataclass(frozen=True)
class Convolution:
    """One layer, and how often a step needs it.

    Args:
        height, width: int. Of its input and output.
        inputs, outputs: int. Channels.
        kernel: int. 1 or 3.
        forward, to_weights, to_inputs: int. How many forward passes, and gradients with respect
            to the weights and to the inputs, a step needs.
    """

    height: int
    width: int
    inputs: int
    outputs: int
    kernel: int
    forward: int
    to_weights: int
    to_inputs: int

    def flops(self, batch_size):
        """Multiplications and additions of a step."""
        each = self.height * self.width * self.inputs * self.outputs * self.kernel**2
        return 2 * batch_size * each * (self.forward + self.to_weights + self.to_inputs)


def of_step(preset):
    """Every convolution of a preset's train step."""
    sizes = preset.arguments
    encoder, decoder = _encoder(**_only(sizes)), _decoder(**_only(sizes))
    if preset.model != "acai":
        return _needed(encoder, 1, 1, 1, 0) + _needed(decoder, 1, 1, 1, 1)
    # The critic sees x̂_α, also on behalf of the autoencoder, and the blend of x and x̂.
    critic = _needed(encoder, 2, 2, 3, 1)
    return _needed(encoder, 1, 1, 1, 0) + _needed(decoder, 2, 2, 2, 2) + critic


def flops(preset, batch_size):
    """Floating-point operations of all convolutions of a step."""
    return sum(convolution.flops(batch_size) for convolution in of_step(preset))


def step(preset, batch_size, device):
    """A function that runs all convolutions of a step once, one after the other."""
    import torch

    layers = [(one, *_buffers(one, batch_size, device)) for one in of_step(preset)]

    @torch.no_grad()
    def run():
        for one, x, kernel, bias, gradient in layers:
            padding = one.kernel // 2
            for _ in range(one.forward):
                torch.nn.functional.conv2d(x, kernel, bias, padding=padding)
            for weights, inputs in _masks(one):
                torch.ops.aten.convolution_backward(
                    gradient,
                    x,
                    kernel,
                    [one.outputs],
                    [1, 1],
                    [padding, padding],
                    [1, 1],
                    False,
                    [0, 0],
                    1,
                    [inputs, weights, weights],
                )

    return run


def _masks(one):
    """(to weights, to inputs) of every backward pass, with both at once where both are needed."""
    both = min(one.to_weights, one.to_inputs)
    rest = max(one.to_weights, one.to_inputs) - both
    return [(True, True)] * both + [(one.to_weights > both, one.to_inputs > both)] * rest


def _buffers(one, batch_size, device):
    import torch

    last = torch.channels_last
    x = torch.randn(batch_size, one.inputs, one.height, one.width, device=device)
    kernel = torch.randn(one.outputs, one.inputs, one.kernel, one.kernel, device=device)
    gradient = torch.randn(batch_size, one.outputs, one.height, one.width, device=device)
    bias = torch.zeros(one.outputs, device=device)
    x, kernel, gradient = (tensor.to(memory_format=last) for tensor in (x, kernel, gradient))
    return x, kernel, bias, gradient


def _needed(layers, forward, to_weights, to_inputs, first_to_inputs):
    """The layers of a network, whose first one may need no gradient of its inputs."""
    return [
        Convolution(*layer, forward, to_weights, to_inputs if index else first_to_inputs)
        for index, layer in enumerate(layers)
    ]


def _encoder(image_shape, latent_width, latent_channels, depth, max_channels):
    """(height, width, inputs, outputs, kernel) of an encoder's convolutions (appendix A)."""
    height, width, colours = image_shape
    *widths, most = networks.widths(image_shape, latent_width, depth, max_channels)
    layers, channels = [(height, width, colours, depth, 1)], depth
    for scale, count in enumerate(widths):
        for _ in range(2):
            layers.append((height >> scale, width >> scale, channels, count, 3))
            channels = count
    height, width = height >> len(widths), width >> len(widths)
    layers.append((height, width, channels, most, 3))
    layers.append((height, width, most, latent_channels, 3))
    return layers


def _decoder(image_shape, latent_width, latent_channels, depth, max_channels):
    """The same of a decoder's."""
    height, width, colours = image_shape
    *widths, _ = networks.widths(image_shape, latent_width, depth, max_channels)
    layers, channels = [], latent_channels
    for scale, count in reversed([*enumerate(widths)]):
        for _ in range(2):
            size = (height >> scale + 1, width >> scale + 1)
            layers.append((*size, channels, count, 3))
            channels = count
    layers.append((height, width, channels, depth, 3))
    layers.append((height, width, depth, colours, 3))
    return layers


def _only(arguments):
    names = ("image_shape", "latent_width", "latent_channels", "depth", "max_channels")
    return {name: arguments[name] for name in names}
