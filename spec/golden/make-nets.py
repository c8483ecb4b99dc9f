"""Writes losses of 50 steps of a LeNet and a ResNet-20 in PyTorch as nets.json beside this file.

Run from the repository root with PyTorch 2.13 (CPU):
    python -B spec/golden/make-nets.py
Weights, images and labels come from a hash of their index that the test computes too: none are
stored.
"""

import json
import math
from pathlib import Path
from typing import Callable

import torch
import torch.nn as nn
import torch.nn.functional as F

steps = 50
batches = 5


def hashed(count: int, salt: int) -> torch.Tensor:
    """Numbers in [0, 1): 32-bit hashes of 0, 1, 2, … and `salt`, over 2^32."""
    mask = 0xFFFFFFFF
    h = (torch.arange(count, dtype=torch.int64) * 2654435761 + salt * 97531) & mask
    for _ in range(2):
        h = ((h ^ (h >> 16)) * 73244475) & mask
    return ((h ^ (h >> 16)) & mask).double() / 2**32


class ZeroPad(nn.Module):
    """Every second pixel, between channels of zeros."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.padding = (0, 0, 0, 0, before, after)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.pad(x[:, :, ::2, ::2], self.padding)


class Block(nn.Module):
    """ReLU(body(x) + shortcut(x))."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *normalized(inner, outer, stride), nn.ReLU(), *normalized(outer, outer, 1)
        )
        gap = outer - inner
        same = stride == 1 and gap == 0
        self.shortcut = nn.Identity() if same else ZeroPad(gap // 2, gap - gap // 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.body(x) + self.shortcut(x))


def normalized(inner: int, outer: int, stride: int) -> list[nn.Module]:
    """A 3×3 convolution without bias, and batch norm."""
    return [nn.Conv2d(inner, outer, 3, stride, 1, bias=False), nn.BatchNorm2d(outer)]


def lenet() -> nn.Module:
    """As layers/nets/lenet.ts."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 49, 128), nn.ReLU(), nn.Linear(128, 10)),
    )


def resnet20() -> nn.Module:
    """As layers/nets/cifar-resnet.ts, depth 20."""
    widths = [(16, 16, 1), (16, 32, 2), (32, 64, 2)]
    blocks = [
        Block(inner if i == 0 else outer, outer, stride if i == 0 else 1)
        for inner, outer, stride in widths
        for i in range(3)
    ]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(*normalized(3, 16, 1), nn.ReLU(), *blocks, *head)


def set_weights(net: nn.Module) -> None:
    """Weights uniform in ±√(6/fan-in) by hash, biases 0; batch norm as it starts."""
    for number, parameter in enumerate(net.parameters()):
        if parameter.dim() > 1:
            bound = math.sqrt(6 / parameter[0].numel())
            values = (2 * hashed(parameter.numel(), number) - 1) * bound
            parameter.data = values.reshape(parameter.shape).to(parameter.dtype)
        elif parameter.data[0] != 1 or not torch.all(parameter.data == 1):
            parameter.data.zero_()


def batch(number: int, size: int, shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    """Images uniform in ±1 and labels, by hash."""
    pixels = 2 * hashed(size * math.prod(shape), 1000 + number) - 1
    labels = (10 * hashed(size, 2000 + number)).long()
    return pixels.reshape(size, *shape), labels


def run(
    make: Callable[[], nn.Module],
    shape: tuple[int, ...],
    size: int,
    rate: float,
    dtype: torch.dtype,
    memory_format: torch.memory_format = torch.contiguous_format,
) -> tuple[list[float], list[torch.Tensor]]:
    """Losses of all steps, gradients of the first."""
    torch.set_default_dtype(dtype)
    net = make()
    set_weights(net)
    net = net.to(memory_format=memory_format)
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
    losses, gradients = [], []
    for step in range(steps):
        x, y = batch(step % batches, size, shape)
        x = x.to(dtype).contiguous(memory_format=memory_format)
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        if step == 0:
            gradients = [p.grad.detach().clone().contiguous() for p in net.parameters()]
        optimizer.step()
        losses.append(loss.item())
    return losses, gradients


def sampled(gradient: torch.Tensor) -> dict[str, object]:
    """The largest size, and every k-th element, 32 of them at most."""
    flat = gradient.flatten()
    stride = max(1, flat.numel() // 32)
    return {"largest": flat.abs().max().item(), "stride": stride, "every": flat[::stride].tolist()}


def golden(make: Callable[[], nn.Module], shape: tuple[int, ...], size: int, rate: float) -> dict:
    """One net in float64, and in float32 in both layouts, with and without oneDNN's kernels."""
    double, _ = run(make, shape, size, rate, torch.float64)
    single, gradients = run(make, shape, size, rate, torch.float32)
    last, _ = run(make, shape, size, rate, torch.float32, torch.channels_last)
    with torch.backends.mkldnn.flags(enabled=False):
        plain, _ = run(make, shape, size, rate, torch.float32)
        plain_last, _ = run(make, shape, size, rate, torch.float32, torch.channels_last)
    return {
        **{"shape": shape, "batchSize": size, "batches": batches, "rate": rate, "momentum": 0.9},
        "float64": double,
        "float32": single,
        "alternatives": {
            "channels last": last,
            "without oneDNN": plain,
            "channels last, without oneDNN": plain_last,
        },
        "gradients": [sampled(g) for g in gradients],
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    nets = {
        "command": "python -B spec/golden/make-nets.py",
        "torch": torch.__version__,
        "lenet": golden(lenet, (1, 28, 28), 8, 0.01),
        "resnet20": golden(resnet20, (3, 32, 32), 8, 0.1),
    }
    text = json.dumps(nets) + "\n"
    (Path(__file__).parent / "nets.json").write_text(text)
    print(f"nets.json: {len(text):,} bytes")
