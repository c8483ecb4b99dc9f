"""Writes PyTorch's steps of every optimiser that both have, as JSON beside this file.

Run from the repository root with PyTorch 2.13 (CPU), as the written file says:
    python -B spec/golden/make-optimizers.py
The same version writes the same bytes: every draw is seeded, and one thread computes. A run has two groups: the matrix
with the options of `options`, the vector with those of `own` over them. Names of options are bitgrad's; `torch` says
how PyTorch is asked for the same.
"""

import json
from pathlib import Path
from typing import Any

import torch

from golden_cases import array, lines, normal

here = Path(__file__).parent
STEPS = 20

# bitgrad's name of an option: PyTorch's.
names = {
    "learningRate": "lr",
    "weightDecay": "weight_decay",
    "momentum": "momentum",
    "nesterov": "nesterov",
    "epsilon": "eps",
    "alpha": "alpha",
    "centered": "centered",
    "initialSum": "initial_accumulator_value",
}


def torch_options(options: dict[str, Any]) -> dict[str, Any]:
    """The same options by PyTorch's names."""
    betas = {"betas": (options["beta1"], options["beta2"])} if "beta1" in options else {}
    return {names[n]: v for n, v in options.items() if n in names} | betas


# Optimiser, PyTorch's class, what else it is told, options of both groups, options of the second group, clipping.
runs: list[tuple[str, Any, dict[str, Any], dict[str, Any], dict[str, Any], dict[str, float]]] = [
    ("sgd", torch.optim.SGD, {}, {"learningRate": 0.05}, {"learningRate": 0.01}, {}),
    (
        "sgd",
        torch.optim.SGD,
        {},
        {"learningRate": 0.05, "momentum": 0.9, "weightDecay": 0.1},
        {"momentum": 0.5, "weightDecay": 0.0},
        {"clipNorm": 1.5},
    ),
    (
        "sgd",
        torch.optim.SGD,
        {},
        {"learningRate": 0.02, "momentum": 0.9, "nesterov": True},
        {"weightDecay": 0.3},
        {"clipValue": 0.7},
    ),
    (
        "adaGrad",
        torch.optim.Adagrad,
        {},
        {"learningRate": 0.1, "weightDecay": 0.01},
        {"learningRate": 0.3},
        {"clipNorm": 1.0},
    ),
    (
        "adaGrad",
        torch.optim.Adagrad,
        {},
        {"learningRate": 0.1, "initialSum": 0.5, "epsilon": 1e-3},
        {"weightDecay": 0.2},
        {},
    ),
    ("adaGrad", torch.optim.Adagrad, {"lr_decay": 0.1}, {"learningRate": 0.1}, {}, {}),
    ("rmsProp", torch.optim.RMSprop, {}, {"learningRate": 0.01}, {"weightDecay": 0.1}, {}),
    (
        "rmsProp",
        torch.optim.RMSprop,
        {},
        {"learningRate": 0.01, "alpha": 0.9, "momentum": 0.8, "epsilon": 1e-4},
        {"learningRate": 0.003, "weightDecay": 0.1},
        {"clipNorm": 2.0},
    ),
    (
        "rmsProp",
        torch.optim.RMSprop,
        {},
        {"learningRate": 0.01, "alpha": 0.95, "centered": True, "momentum": 0.5},
        {"weightDecay": 0.05},
        {"clipValue": 1.0},
    ),
    ("adam", torch.optim.Adam, {}, {"learningRate": 0.02, "epsilon": 1e-8}, {}, {}),
    (
        "adam",
        torch.optim.Adam,
        {},
        {"learningRate": 0.02, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-7, "weightDecay": 0.1},
        {"learningRate": 0.05, "weightDecay": 0.0},
        {"clipNorm": 1.0},
    ),
    (
        "amsGrad",
        torch.optim.Adam,
        {"amsgrad": True},
        {"learningRate": 0.05, "beta1": 0.9, "beta2": 0.9, "epsilon": 1e-8},
        {"weightDecay": 0.1},
        {"clipValue": 2.0},
    ),
    (
        "adamW",
        torch.optim.AdamW,
        {},
        {"learningRate": 0.02, "epsilon": 1e-3},
        {"learningRate": 0.05, "weightDecay": 0.3},
        {"clipNorm": 1.0, "clipValue": 0.8},
    ),
]


def run(
    rule: str,
    make: Any,
    extra: dict[str, Any],
    options: dict[str, Any],
    own: dict[str, Any],
    clip: dict[str, float],
) -> dict[str, Any]:
    """STEPS steps on a curved valley: f = sum(c * (W x - b)^2)/2 + sum(W^4)/4, x a vector of parameters too."""
    torch.manual_seed(11)
    first = {"matrix": normal(3, 2)(), "vector": normal(2)()}
    constants = {"curvature": torch.tensor([0.3, 1.0, 4.0], dtype=torch.float64), "b": normal(3)()}
    cells = {n: x.clone().requires_grad_() for n, x in first.items()}
    w, x = cells["matrix"], cells["vector"]
    optimizer = make(
        [{"params": [w]}, {"params": [x], **torch_options(own)}], **torch_options(options), **extra
    )
    steps = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = (constants["curvature"] * (w @ x - constants["b"]) ** 2).sum() / 2 + (w**4).sum() / 4
        loss.backward()
        if "clipValue" in clip:
            torch.nn.utils.clip_grad_value_([w, x], clip["clipValue"])
        if "clipNorm" in clip:
            torch.nn.utils.clip_grad_norm_([w, x], clip["clipNorm"])
        optimizer.step()
        steps.append({"loss": loss.item(), **{n: array(c.detach())["data"] for n, c in cells.items()}})
    return {
        "rule": rule,
        "torch": {"class": make.__name__, **extra},
        "options": options,
        "own": own,
        "clip": clip,
        "parameters": {n: array(c) for n, c in first.items()},
        "constants": {n: array(c) for n, c in constants.items()},
        "steps": steps,
    }


def average_run() -> dict[str, Any]:
    """AveragedModel with an exponential and with the plain mean, over ten drawn weights."""
    torch.manual_seed(12)
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    weights = [normal(3)() for _ in range(10)]
    made = {}
    for name, options in {
        "exponential": {"multi_avg_fn": get_ema_multi_avg_fn(0.9)},
        "mean": {},
    }.items():
        model = torch.nn.Linear(3, 1, bias=False).double()
        average = AveragedModel(model, **options)
        path = []
        for weight in weights:
            with torch.no_grad():
                model.weight.copy_(weight)
            average.update_parameters(model)
            path.append(array(average.module.weight.detach()[0])["data"])
        made[name] = path
    return {"decay": 0.9, "weights": [array(w)["data"] for w in weights], **made}


head = {
    "command": "python -B spec/golden/make-optimizers.py",
    "torch": torch.__version__,
    "numbers": "float64",
}
sections = {
    **{k: json.dumps(v) for k, v in head.items()},
    "average": json.dumps(average_run(), separators=(",", ":"), allow_nan=False),
    "runs": lines([run(*each) for each in runs]),
}
text = "{\n" + ",\n".join(f'"{k}":{v}' for k, v in sections.items()) + "\n}\n"
json.loads(text)
(here / "optimizers.json").write_text(text)
print(f"optimizers.json: {len(text):,} bytes, {len(runs)} runs, torch {torch.__version__}")
