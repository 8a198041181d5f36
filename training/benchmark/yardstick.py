"""The yardstick: the same models written by hand in PyTorch, as one does without a framework.

Channels-last, plain `torch.nn`, one optimizer and one pass for each player: the critic looks at
x̂_α twice, once for the autoencoder and once for itself, and `loss.backward()` of the autoencoder
fills gradients of the critic that nobody uses.
"""

import itertools

import torch
from torch import nn
from torch.nn import functional

from keras_acai.nn import networks

SLOPE = 0.2
STEPS = {}  # model → a function that makes its step


def step(preset, batch_size, device, dtype="float32"):
    """A function that trains a hand-written model of a preset for one step on random images.

    Args:
        preset: `Preset`.
        batch_size: int.
        device: str. Of PyTorch.
        dtype: str. "float32", or "mixed_bfloat16" for PyTorch's autocast.
    """
    height, width, colours = preset.arguments["image_shape"]
    x = torch.rand(batch_size, colours, height, width, device=device) * 2 - 1
    x = x.to(memory_format=torch.channels_last)
    torch.backends.cudnn.benchmark = True
    train = STEPS[preset.model](Networks(preset.arguments, device))
    is_mixed = dtype == "mixed_bfloat16"

    def run():
        with torch.autocast(device, torch.bfloat16, enabled=is_mixed):
            train(x)

    return run


class Networks:
    """Makes the networks of one preset."""

    def __init__(self, arguments, device):
        self.shape = arguments["image_shape"]
        self.width = arguments["latent_width"]
        self.channels = arguments["latent_channels"]
        self.depth = arguments["depth"]
        self.device = device
        limit = arguments["max_channels"]
        *self.widths, self.most = networks.widths(self.shape, self.width, self.depth, limit)
        self.code = (self.channels, self.shape[0] >> len(self.widths), self.width)
        self.code_size = self.code[0] * self.code[1] * self.code[2]

    def encoder(self):
        layers = [nn.Conv2d(self.shape[2], self.depth, 1)]
        channels = self.depth
        for count in self.widths:
            layers += [*_conv(channels, count), *_conv(count, count), nn.AvgPool2d(2)]
            channels = count
        layers += _conv(channels, self.most)
        layers.append(nn.Conv2d(self.most, self.channels, 3, padding=1))
        return self.place(nn.Sequential(*layers))

    def decoder(self):
        layers, channels = [], self.channels
        for count in reversed(self.widths):
            layers += [*_conv(channels, count), *_conv(count, count)]
            layers.append(nn.Upsample(scale_factor=2))
            channels = count
        layers += _conv(channels, self.depth)
        layers.append(nn.Conv2d(self.depth, self.shape[2], 3, padding=1))
        return self.place(nn.Sequential(*layers))

    def dense(self, *units):
        pairs = list(itertools.pairwise(units))
        layers = [part for a, b in pairs[:-1] for part in (nn.Linear(a, b), nn.LeakyReLU(SLOPE))]
        return self.place(nn.Sequential(*layers, nn.Linear(*pairs[-1])))

    def place(self, module):
        return module.to(self.device, memory_format=torch.channels_last)


def _conv(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.LeakyReLU(SLOPE)]


def _adam(*modules):
    parameters = [parameter for module in modules for parameter in module.parameters()]
    return torch.optim.Adam(parameters, lr=1e-4, eps=1e-8)


def _descend(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def _of(name):
    def register(make):
        STEPS[name] = make
        return make

    return register


def _plain(sizes, corrupt=lambda x: x, drop=lambda z: z):
    encoder, decoder = sizes.encoder(), sizes.decoder()
    optimizer = _adam(encoder, decoder)
    return lambda x: _descend(optimizer, functional.mse_loss(decoder(drop(encoder(corrupt(x)))), x))


@_of("ae")
def _autoencoder(sizes):
    return _plain(sizes)


@_of("denoising")
def _denoising(sizes):
    return _plain(sizes, corrupt=lambda x: x + torch.randn_like(x))


@_of("dropout")
def _dropout(sizes):
    return _plain(sizes, drop=functional.dropout)


@_of("vae")
def _vae(sizes):
    encoder, decoder = sizes.encoder(), sizes.decoder()
    mean, log_variance = (sizes.dense(sizes.code_size, sizes.code_size) for _ in range(2))
    optimizer = _adam(encoder, decoder, mean, log_variance)

    def train(x):
        hidden = encoder(x).flatten(1)
        mu, log_var = mean(hidden), log_variance(hidden)
        z = mu + torch.randn_like(mu) * (log_var / 2).exp()
        logits = decoder(z.unflatten(1, sizes.code))
        bits = functional.binary_cross_entropy_with_logits(logits, (x + 1) / 2, reduction="sum")
        divergence = -0.5 * (1 + log_var - mu.square() - log_var.exp()).sum()
        _descend(optimizer, (bits + divergence) / len(x))

    return train


@_of("aae")
def _aae(sizes):
    encoder, decoder = sizes.encoder(), sizes.decoder()
    critic = sizes.dense(sizes.code_size, 100, 100, 1)
    optimizer, critic_optimizer = _adam(encoder, decoder), _adam(critic)

    def train(x):
        z = encoder(x)
        logits = critic(z.flatten(1))
        adversarial_loss = functional.binary_cross_entropy_with_logits(
            logits, torch.ones_like(logits)
        )
        _descend(optimizer, functional.mse_loss(decoder(z), x) + adversarial_loss)
        z = z.detach().flatten(1)
        code, noise = critic(z), critic(torch.randn_like(z))
        loss = functional.binary_cross_entropy_with_logits(code, torch.zeros_like(code))
        loss = loss + functional.binary_cross_entropy_with_logits(noise, torch.ones_like(noise))
        _descend(critic_optimizer, loss)

    return train


@_of("vqvae")
def _vqvae(sizes, num_codes=2**14, num_latents=10, commitment=10.0, decay=0.999):
    encoder, decoder, hidden = sizes.encoder(), sizes.decoder(), sizes.code_size
    spread = sizes.dense(hidden, hidden * num_latents)
    gather = nn.Sequential(
        nn.ReLU(), nn.Linear(hidden * num_latents, 512), nn.ReLU(), nn.Linear(512, hidden)
    ).to(sizes.device)
    optimizer = _adam(encoder, decoder, spread, gather)
    codes = torch.randn(num_codes, hidden, device=sizes.device) / 100
    sums, counts = codes.clone(), torch.ones(num_codes, device=sizes.device)

    def train(x):
        e = spread(encoder(x).flatten(1)).reshape(-1, hidden)
        with torch.no_grad():
            distance = codes.square().sum(1) - 2 * e @ codes.T
            nearest = distance.argmin(1)
            q = codes[nearest]
            new_sums = torch.zeros_like(sums).index_add_(0, nearest, e)
            new_counts = torch.bincount(nearest, minlength=num_codes).float()
            sums.lerp_(new_sums, 1 - decay)
            counts.lerp_(new_counts, 1 - decay)
            total = counts.sum()
            smooth = (counts + 1e-5) / (total + num_codes * 1e-5) * total
            codes.copy_(sums / smooth[:, None])
        through = (e + (q - e).detach()).reshape(len(x), -1)
        x_hat = decoder(gather(through).unflatten(1, sizes.code))
        _descend(optimizer, functional.mse_loss(x_hat, x) + commitment * functional.mse_loss(e, q))

    return train


@_of("acai")
def _acai(sizes, adversarial_weight=0.5, gamma=0.2):
    encoder, decoder, critic = sizes.encoder(), sizes.decoder(), sizes.encoder()
    optimizer, critic_optimizer = _adam(encoder, decoder), _adam(critic)

    def estimate(x):
        return critic(x).mean((1, 2, 3))

    def train(x):
        z = encoder(x)
        x_hat = decoder(z)
        alpha = 0.5 - (torch.rand(len(x), 1, 1, 1, device=x.device) - 0.5).abs()
        x_alpha = decoder(alpha * z + (1 - alpha) * z.flip(0))
        adversarial_loss = adversarial_weight * estimate(x_alpha).square().mean()
        _descend(optimizer, functional.mse_loss(x_hat, x) + adversarial_loss)
        x_hat, x_alpha = x_hat.detach(), x_alpha.detach()
        mixed = (estimate(x_alpha) - alpha.flatten()).square().mean()
        unmixed = estimate(gamma * x + (1 - gamma) * x_hat).square().mean()
        _descend(critic_optimizer, mixed + unmixed)

    return train
