"""Writes what PyTorch's layers compute as layers.json beside this file.

Run from the repository root with PyTorch 2.13 (CPU):
    python -B spec/golden/make-layers.py
The same version writes the same bytes. All floats are float64.

A case is a layer of bitgrad, with the arguments of its constructor (options last) that make it PyTorch's:
  parameters  in the order of both sides;
  steps       batches in training mode: x, output, a cotangent c, and the gradients of <c, output> by x and by
              each parameter;
  buffers     running statistics after the steps, in the order of both sides;
  evaluation  x, its output in evaluation mode, and c and the gradients as above.
"""

import json
import zlib
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from golden_cases import array, derivative, distinct, lines, normal, rounded

cases: list[dict[str, Any]] = []


def call(layer: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    """One forward and backward pass."""
    leaf = x.clone().requires_grad_()
    output = layer(leaf)
    cotangent = normal(*output.shape)()
    made = derivative((output * cotangent).sum(), [leaf, *layer.parameters()])
    return {
        "x": array(x),
        "output": array(output.detach()),
        "cotangent": array(cotangent),
        "gradients": [array(g) for g in made],
    }


def case(
    name: str,
    title: str,
    arguments: list[Any],
    layer: nn.Module,
    *shape: int,
    steps: int = 1,
    ties: bool = False,
) -> None:
    """Runs `layer` on batches of `shape`; `ties`: without any, for maxima and kinks."""
    torch.manual_seed(zlib.crc32(f"{name} {title}".encode()))
    layer = layer.double()
    with torch.no_grad():
        for index, parameter in enumerate(layer.parameters()):
            parameter.copy_(rounded((index % 2) + 0.5 * torch.randn_like(parameter)))
    draw = distinct(*shape) if ties else normal(*shape)
    done = [call(layer, draw()) for _ in range(steps)]
    buffers = [b.clone() for n, b in layer.named_buffers() if not n.endswith("num_batches_tracked")]
    cases.append(
        {
            "layer": name,
            "title": title,
            "arguments": arguments,
            "parameters": [array(p.detach()) for p in layer.parameters()],
            "steps": done,
            "buffers": [array(b) for b in buffers],
            "evaluation": call(layer.eval(), draw()),
        }
    )


class Function(nn.Module):
    """A module of one function."""

    def __init__(self, f: Any) -> None:
        super().__init__()
        self.f = f

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.f(x)


class Sum(nn.Module):
    """body(x) + shortcut(x)."""

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x) + self.shortcut(x)


def zero_pad(x: torch.Tensor, stride: int, before: int, after: int) -> torch.Tensor:
    return F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, before, after))


def block(shortcut: nn.Module, from_: int, to: int, stride: int) -> nn.Sequential:
    body = nn.Sequential(
        nn.Conv2d(from_, to, 3, stride, 1, bias=False),
        nn.BatchNorm2d(to),
        nn.ReLU(),
        nn.Conv2d(to, to, 3, 1, 1, bias=False),
        nn.BatchNorm2d(to),
    )
    return nn.Sequential(Sum(body, shortcut), nn.ReLU())


def projection(from_: int, to: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(from_, to, 1, stride, bias=False), nn.BatchNorm2d(to))


case("Linear", "of vectors", [3, 5], nn.Linear(3, 5), 4, 3)
case("Linear", "of a stack, without bias", [3, 2, {"bias": False}], nn.Linear(3, 2, bias=False), 2, 4, 3)
case("Conv2d", "plain", [2, 3, {"kernel": 3}], nn.Conv2d(2, 3, 3), 2, 2, 5, 4)
case(
    "Conv2d",
    "strided, padded, dilated, in groups, without bias",
    [4, 2, {"kernel": [3, 2], "stride": [2, 1], "padding": [2, 1], "dilation": 2, "groups": 2, "bias": False}],
    nn.Conv2d(4, 2, (3, 2), (2, 1), (2, 1), 2, 2, bias=False),
    2, 4, 5, 4,
)  # fmt: skip

torchs = {"unbiased": True}
case("BatchNorm", "of volumes, as PyTorch has it", [2, torchs], nn.BatchNorm3d(2), 2, 2, 2, 1, 3, steps=5)
case("BatchNorm1d", "of vectors, as PyTorch has it", [3, torchs], nn.BatchNorm1d(3), 5, 3, steps=5)
case("BatchNorm1d", "of vectors, by default", [3], nn.BatchNorm1d(3), 5, 3, steps=5)
case("BatchNorm1d", "of sequences, as PyTorch has it", [2, torchs], nn.BatchNorm1d(2), 3, 2, 4, steps=5)
case("BatchNorm2d", "as PyTorch has it", [3, torchs], nn.BatchNorm2d(3), 2, 3, 2, 3, steps=5)
case(
    "BatchNorm2d",
    "with ρ and ε",
    [3, {"rho": 0.7, "epsilon": 0.01, **torchs}],
    nn.BatchNorm2d(3, momentum=0.3, eps=0.01),
    2, 3, 2, 3, steps=5,
)  # fmt: skip
case(
    "BatchNorm2d",
    "with a cumulative average",
    [3, {"average": "cumulative", **torchs}],
    nn.BatchNorm2d(3, momentum=None),
    2, 3, 2, 3, steps=5,
)  # fmt: skip
case(
    "BatchNorm2d",
    "without affine",
    [3, {"affine": False, **torchs}],
    nn.BatchNorm2d(3, affine=False),
    2, 3, 2, 3, steps=5,
)  # fmt: skip
case(
    "BatchNorm2d",
    "without tracking",
    [3, {"track": False}],
    nn.BatchNorm2d(3, track_running_stats=False),
    2, 3, 2, 3, steps=2,
)  # fmt: skip
case("LayerNorm", "of vectors", [4], nn.LayerNorm(4), 2, 3, 4)
case("LayerNorm", "of images", [[2, 3, 2]], nn.LayerNorm([2, 3, 2]), 2, 2, 3, 2)
case(
    "LayerNorm",
    "without affine, with ε",
    [[3, 2], {"affine": False, "epsilon": 0.1}],
    nn.LayerNorm([3, 2], eps=0.1, elementwise_affine=False),
    2, 3, 2,
)  # fmt: skip
case("GroupNorm", "of images", [6, {"groups": 3}], nn.GroupNorm(3, 6), 2, 6, 2, 2)
case(
    "GroupNorm",
    "of vectors, one group, without affine",
    [4, {"groups": 1, "affine": False}],
    nn.GroupNorm(1, 4, affine=False),
    3, 4,
)  # fmt: skip
case("InstanceNorm2d", "by default", [3], nn.InstanceNorm2d(3), 2, 3, 2, 3)
case(
    "InstanceNorm2d",
    "with affine and ε",
    [3, {"affine": True, "epsilon": 0.01}],
    nn.InstanceNorm2d(3, affine=True, eps=0.01),
    2, 3, 2, 3,
)  # fmt: skip

case("ReLU", "", [], nn.ReLU(), 4, 5, ties=True)
case("LeakyReLU", "by default", [], nn.LeakyReLU(), 4, 5, ties=True)
case("LeakyReLU", "with a slope", [{"slope": 0.2}], nn.LeakyReLU(0.2), 4, 5, ties=True)
case("ELU", "by default", [], nn.ELU(), 4, 5)
case("ELU", "with α", [{"alpha": 0.5}], nn.ELU(0.5), 4, 5)
case("SELU", "", [], nn.SELU(), 4, 5)
case("Tanh", "", [], nn.Tanh(), 4, 5)
case("Sigmoid", "", [], nn.Sigmoid(), 4, 5)
case("SiLU", "", [], nn.SiLU(), 4, 5)
case("GELU", "by default", [], nn.GELU(), 4, 5)
case("GELU", "by tanh", [{"approximate": "tanh"}], nn.GELU("tanh"), 4, 5)
case("Softplus", "", [], nn.Softplus(), 4, 5)
case("Softmax", "of rows", [], nn.Softmax(-1), 4, 5)
case("Softmax", "of channels", [{"axis": 1}], nn.Softmax(1), 2, 3, 2)
case("LogSoftmax", "of rows", [], nn.LogSoftmax(-1), 4, 5)

case("MaxPool2d", "by default", [{"window": 2}], nn.MaxPool2d(2), 2, 2, 5, 4, ties=True)
case(
    "MaxPool2d",
    "strided and padded",
    [{"window": [3, 2], "stride": [2, 1], "padding": 1}],
    nn.MaxPool2d((3, 2), (2, 1), 1),
    2, 2, 5, 4, ties=True,
)  # fmt: skip
case("AvgPool2d", "by default", [{"window": 2}], nn.AvgPool2d(2), 2, 2, 5, 4)
case(
    "AvgPool2d",
    "strided and padded",
    [{"window": [3, 2], "stride": [2, 1], "padding": 1}],
    nn.AvgPool2d((3, 2), (2, 1), 1),
    2, 2, 5, 4,
)  # fmt: skip
case("GlobalAvgPool", "", [], nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), 2, 3, 4, 2)
case("Flatten", "", [], nn.Flatten(), 2, 3, 2, 2)
case(
    "ZeroPadShortcut",
    "strided, an odd number of channels more",
    [2, 5, {"stride": 2}],
    Function(lambda x: zero_pad(x, 2, 1, 2)),
    2, 2, 5, 4,
)  # fmt: skip
case("projectionShortcut", "strided", [2, 3, {"stride": 2}], projection(2, 3, 2), 2, 2, 5, 4)
case("residualBlock", "identity", [2, 2], block(nn.Identity(), 2, 2, 1), 2, 2, 4, 3)
case(
    "residualBlock",
    "zero-padded",
    [2, 4, {"stride": 2}],
    block(Function(lambda x: zero_pad(x, 2, 1, 1)), 2, 4, 2),
    2, 2, 4, 5,
)  # fmt: skip
case(
    "residualBlock",
    "projected",
    [2, 4, {"stride": 2, "shortcut": "projection"}],
    block(projection(2, 4, 2), 2, 4, 2),
    2, 2, 4, 5,
)  # fmt: skip

head = {
    "command": "python -B spec/golden/make-layers.py",
    "torch": torch.__version__,
    "numbers": "float64",
}
parts = {**{k: json.dumps(v) for k, v in head.items()}, "cases": lines(cases)}
text = "{\n" + ",\n".join(f'"{k}":{v}' for k, v in parts.items()) + "\n}\n"
json.loads(text)
(Path(__file__).parent / "layers.json").write_text(text)
print(f"layers: {len(cases)} cases, {len(text):,} bytes, torch {torch.__version__}")
