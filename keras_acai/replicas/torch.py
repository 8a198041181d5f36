"""Replicas on PyTorch: the processes of `torch.distributed`, once it is initialised."""

import torch
import torch.distributed as dist
import torch.distributed.nn.functional as differentiable


def count():
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def gather(x):
    return torch.cat(differentiable.all_gather(x.contiguous())) if count() > 1 else x


def part(x, size):
    if count() == 1:
        return x
    start = dist.get_rank() * size
    return x[start : start + size]


def total(x):
    if count() > 1:
        x = x.clone()
        dist.all_reduce(x)
    return x


def mean(tensors):
    """Averages all in one message."""
    present = [x for x in tensors if x is not None]
    if count() == 1 or not present:
        return tensors
    averages = iter((total(_flat(present)) / count()).split([x.numel() for x in present]))
    return [x if x is None else next(averages).view_as(x) for x in tensors]


def log(values):
    """Averages a dict of scalars in one message."""
    if count() == 1:
        return values
    scalars = [torch.as_tensor(value).detach() for value in values.values()]
    return dict(zip(values, mean(scalars)))


def _flat(tensors):
    return torch.cat([x.reshape(-1) for x in tensors])
