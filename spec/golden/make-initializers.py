"""Writes what PyTorch's initialisers do as JSON beside this file: fans, gains, fixed values, moments of many draws.

Run from the repository root with PyTorch 2.13 (CPU):
    python -B spec/golden/make-initializers.py
PyTorch's random numbers are others than those here, so a random initialiser is described by the number of its elements,
their mean, mean square, least and greatest.
"""

import json
import math
from pathlib import Path

import torch
from torch.nn import init

torch.manual_seed(0)
shapes = [[300, 200], [64, 32, 3, 3], [40, 50, 5, 2]]


def described(name, options, fill, shape):
    weight = torch.empty(shape, dtype=torch.float64)
    fill(weight)
    return {
        "name": name,
        "options": options,
        "shape": shape,
        "count": weight.numel(),
        "mean": weight.mean().item(),
        "meanSquare": weight.square().mean().item(),
        "least": weight.min().item(),
        "greatest": weight.max().item(),
    }


draws = []
for shape in shapes:
    for gain in [1.0, 1.5]:
        average = {"fan": "average", "gain": gain}
        draws.append(
            described("xavierNormal", average, lambda w: init.xavier_normal_(w, gain), shape)
        )
        draws.append(
            described("xavierUniform", average, lambda w: init.xavier_uniform_(w, gain), shape)
        )
        draws.append(
            described("orthogonal", {"gain": gain}, lambda w: init.orthogonal_(w, gain), shape)
        )
    for fan, mode in [("in", "fan_in"), ("out", "fan_out")]:
        for name, nonlinearity, slope in [
            ("relu", "relu", 0),
            ("linear", "linear", 0),
            ("tanh", "tanh", 0),
            ("leakyRelu", "leaky_relu", 0.2),
        ]:
            options = {"fan": fan, "activation": name, "slope": slope}
            draws.append(
                described(
                    "kaimingNormal",
                    options,
                    lambda w: init.kaiming_normal_(w, slope, mode, nonlinearity),
                    shape,
                )
            )
            draws.append(
                described(
                    "kaimingUniform",
                    options,
                    lambda w: init.kaiming_uniform_(w, slope, mode, nonlinearity),
                    shape,
                )
            )
    draws.append(
        described("normal", {"mean": 0.5, "std": 2.0}, lambda w: init.normal_(w, 0.5, 2.0), shape)
    )
    draws.append(
        described(
            "uniform", {"low": -0.3, "high": 0.9}, lambda w: init.uniform_(w, -0.3, 0.9), shape
        )
    )
    draws.append(
        described(
            "truncatedNormal",
            {"mean": 0.5, "std": 2.0, "low": -1.0, "high": 3.0},
            lambda w: init.trunc_normal_(w, 0.5, 2.0, -1.0, 3.0),
            shape,
        )
    )

# What a new layer starts with, in float64.
linear = torch.nn.Linear(200, 300, dtype=torch.float64)
draws.append(
    described(
        "kaimingUniform",
        {"fan": "in", "gain": math.sqrt(1 / 3)},
        lambda w: w.copy_(linear.weight.detach()),
        [300, 200],
    )
)


def fixed(name, options, weight):
    return {
        "name": name,
        "options": options,
        "shape": list(weight.shape),
        "values": weight.flatten().tolist(),
    }


def empty(*shape):
    return torch.empty(shape, dtype=torch.float64)


values = [
    fixed("identity", {}, init.eye_(empty(3, 4))),
    fixed("identity", {}, init.eye_(empty(4, 2))),
    fixed("dirac", {}, init.dirac_(empty(3, 3, 3, 3))),
    fixed("dirac", {}, init.dirac_(empty(4, 2, 2, 3))),
    fixed("dirac", {"groups": 2}, init.dirac_(empty(4, 2, 3, 3), groups=2)),
    fixed("dirac", {"groups": 3}, init.dirac_(empty(6, 3, 1, 4), groups=3)),
    fixed("dirac", {}, init.dirac_(empty(3, 2, 5))),
    fixed("constant", {"value": 0.3}, init.constant_(empty(2, 2), 0.3)),
]

fans = [
    {"shape": shape, "fanIn": fan_in, "fanOut": fan_out}
    for shape in [[10, 3], [16, 8, 3, 3], [4, 1, 5, 2], [6, 5, 7]]
    for fan_in, fan_out in [init._calculate_fan_in_and_fan_out(torch.empty(shape))]
]

gains = [
    {"activation": ours, "slope": slope, "gain": init.calculate_gain(theirs, slope)}
    for ours, theirs, slope in [
        ("linear", "linear", None),
        ("sigmoid", "sigmoid", None),
        ("tanh", "tanh", None),
        ("relu", "relu", None),
        ("leakyRelu", "leaky_relu", None),
        ("leakyRelu", "leaky_relu", 0.2),
        ("leakyRelu", "leaky_relu", 1.5),
        ("selu", "selu", None),
    ]
]

text = json.dumps(
    {
        "command": "python -B spec/golden/make-initializers.py",
        "torch": torch.__version__,
        "fans": fans,
        "gains": gains,
        "values": values,
        "draws": draws,
    }
)
path = Path(__file__).parent / "initializers.json"
path.write_text(text.replace('}, {"', '},\n{"') + "\n")
print(f"{path.name}: {len(text):,} bytes, torch {torch.__version__}")
