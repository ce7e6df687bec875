"""The same step by hand on torch: plain autograd and `torch.optim.Adam`.

As fast as we could make it: one generator pass a step, gradients of the
weights that are updated and of no others, no metrics, no callbacks.
"""

import torch
from torch.nn import functional


def adam(network):
    return torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.999))


def descend(loss, optimizer):
    """One update of the weights that an optimizer has."""
    optimizer.zero_grad()
    weights = optimizer.param_groups[0]["params"]
    loss.backward(inputs=weights)
    optimizer.step()


def logistic_step(generator, discriminator, optimizers, latent_dim):
    """The non-saturating game; networks are functions of a batch."""
    g_optimizer, d_optimizer = optimizers

    def step(real):
        fake = generator(torch.randn(len(real), latent_dim))
        d_loss = functional.softplus(-discriminator(real)).mean()
        d_loss = (
            d_loss + functional.softplus(discriminator(fake.detach())).mean()
        )
        descend(d_loss, d_optimizer)
        descend(functional.softplus(-discriminator(fake)).mean(), g_optimizer)

    return step


def wgan_step(generator, discriminator, optimizers, latent_dim, d_steps):
    """WGAN-GP; the generator plays on every `d_steps`-th batch."""
    g_optimizer, d_optimizer = optimizers
    batches = 0

    def critic_step(real, fake):
        between = torch.lerp(real, fake, torch.rand(len(real), 1, 1, 1))
        between.requires_grad_()
        (slope,) = torch.autograd.grad(
            discriminator(between).sum(), between, create_graph=True
        )
        norm = torch.sqrt(slope.square().sum(dim=(1, 2, 3)) + 1e-12)
        d_loss = 10.0 * (norm - 1.0).square().mean()
        d_loss = d_loss + discriminator(fake).mean()
        descend(d_loss - discriminator(real).mean(), d_optimizer)

    def step(real):
        nonlocal batches
        batches += 1
        plays = batches % d_steps == 0
        with torch.set_grad_enabled(plays):
            fake = generator(torch.randn(len(real), latent_dim))
        critic_step(real, fake.detach())
        if plays:
            descend(-discriminator(fake).mean(), g_optimizer)

    return step
