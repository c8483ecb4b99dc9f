"""Writes how PyTorch trains a LeNet and a ResNet-20 as nets.json beside this file.

Run from the repository root with PyTorch 2.13 (CPU):
    python -B spec/golden/make-nets.py
The same version on the same kind of processor writes the same bytes.

Nothing is drawn: weights, images and labels are a hash of their place, which the tests compute too. Each entry has
  losses        in float64, before each step of SGD with momentum;
  singleLosses  the same in float32;
  first         in float32, the first loss, and of each parameter's gradient the entry of largest magnitude, the
                Euclidean norm and a few entries at hashed places;
  envelope      in float32, how far the losses of PyTorch's two memory layouts, default and channels_last, have been
                apart up to each step, at most, over several such problems.
"""

import json
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)

mask = 0xFFFFFFFF
steps = 50
problems = 8
probes = 12


def hashed(salt: int, count: int) -> torch.Tensor:
    """Uniform in [0, 1): the finalizer of MurmurHash3 (Appleby 2011), of salt·2^22 + index mod 2^32."""
    h = (torch.arange(count) + salt * 2**22) & mask
    for multiplier, shift in ((0x85EBCA6B, 13), (0xC2B2AE35, 16)):
        h = h ^ (h >> (16 if shift == 13 else 13))
        h = (h * multiplier) & mask
    h = h ^ (h >> 16)
    return h.to(torch.float64) / 2**32


def set_weights(net: nn.Module, problem: int) -> None:
    """Weights uniform with variance 2/fan-in; γ near 1, biases and β near 0."""
    with torch.no_grad():
        for index, (name, p) in enumerate(net.named_parameters()):
            u = hashed(1000 * problem + index, p.numel()).reshape(p.shape) - 0.5
            if p.dim() > 1:
                p.copy_(u * torch.tensor(24 / (p.numel() // p.shape[0]), dtype=torch.float64).sqrt())
            else:
                p.copy_(u * 0.25 + (1 if name.endswith("weight") else 0))


def batch(entry: dict[str, Any], problem: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images in [-1, 1) and labels."""
    shape = entry["batch"]
    count = torch.Size(shape).numel()
    x = (hashed(1000 * problem + 500 + step, count) * 2 - 1).reshape(shape)
    y = (hashed(1000 * problem + 700 + step, shape[0]) * entry["classes"]).floor().long()
    return x, y


def lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


class Block(nn.Module):
    def __init__(self, from_: int, to: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(from_, to, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(to)
        self.conv2 = nn.Conv2d(to, to, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(to)
        self.stride = stride
        self.before = (to - from_) // 2
        self.after = to - from_ - self.before

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        body = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        past = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))
        return F.relu(body + past)


def resnet20() -> nn.Module:
    widths = [16, 16, 16, 16, 32, 32, 32, 64, 64, 64]
    blocks = [Block(a, b, 1 if a == b else 2) for a, b in zip(widths, widths[1:])]
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        *blocks,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


entries: list[dict[str, Any]] = [
    {"net": "lenet", "batch": [8, 1, 28, 28], "classes": 10, "rate": 0.01, "momentum": 0.9},
    {"net": "resnet20", "batch": [8, 3, 16, 16], "classes": 10, "rate": 0.003, "momentum": 0.9},
]
makers = {"lenet": lenet, "resnet20": resnet20}


def train(
    entry: dict[str, Any], dtype: torch.dtype, problem: int, layout: torch.memory_format
) -> tuple[list[float], list[torch.Tensor]]:
    """The losses, and the gradients of the first step."""
    net = makers[entry["net"]]().double()
    set_weights(net, problem)
    net = net.to(dtype=dtype, memory_format=layout)
    optimizer = torch.optim.SGD(net.parameters(), lr=entry["rate"], momentum=entry["momentum"])
    losses, first = [], []
    for step in range(steps):
        x, y = batch(entry, problem, step)
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x.to(dtype).contiguous(memory_format=layout)), y)
        loss.backward()
        if step == 0:
            first = [p.grad.double().contiguous() for p in net.parameters()]
        optimizer.step()
        losses.append(loss.item())
    return losses, first


def gradient(index: int, g: torch.Tensor) -> dict[str, Any]:
    flat = g.reshape(-1)
    places = (hashed(900 + index, probes) * flat.numel()).floor().long()
    return {
        "largest": flat.abs().max().item(),
        "norm": flat.norm().item(),
        "entries": flat[places].tolist(),
    }


for entry in entries:
    default, other = torch.contiguous_format, torch.channels_last
    entry["losses"], _ = train(entry, torch.float64, 0, default)
    losses, first = train(entry, torch.float32, 0, default)
    entry["first"] = {"loss": losses[0], "gradients": [gradient(i, g) for i, g in enumerate(first)]}
    apart = [0.0] * steps
    for problem in range(problems):
        a, _ = train(entry, torch.float32, problem, default)
        b, _ = train(entry, torch.float32, problem, other)
        apart = [max(far, abs(p - q)) for far, p, q in zip(apart, a, b)]
    entry["envelope"] = [max(apart[: step + 1]) for step in range(steps)]
    entry["singleLosses"] = losses

head = {
    "command": "python -B spec/golden/make-nets.py",
    "torch": torch.__version__,
    "problems": problems,
    "nets": entries,
}
(Path(__file__).parent / "nets.json").write_text(json.dumps(head, separators=(",", ":")) + "\n")
