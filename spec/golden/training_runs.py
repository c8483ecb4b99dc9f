"""Golden runs: optimisers on two small problems, and a small convolutional net in training.

Rests on golden_cases.
"""

from typing import Any

import torch
import torch.nn.functional as F

from golden_cases import array, labels, normal, uniform

rules = [
    ("sgd", {"learningRate": 0.05}, lambda p: torch.optim.SGD(p, lr=0.05)),
    (
        "sgd",
        {"learningRate": 0.05, "momentum": 0.9},
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    ),
    (
        "adam",
        {"learningRate": 0.01, "epsilon": 1e-8},
        lambda p: torch.optim.Adam(p, lr=0.01, eps=1e-8),
    ),
    (
        "adam",
        {"learningRate": 0.01, "epsilon": 1e-7},
        lambda p: torch.optim.Adam(p, lr=0.01, eps=1e-7),
    ),
]


def problems() -> list[tuple[str, dict[str, torch.Tensor], dict[str, torch.Tensor], Any]]:
    """Name, constants, first parameters, loss."""
    torch.manual_seed(1)
    curvature = torch.tensor([1.0, 10.0, 1e-3, 3.0], dtype=torch.float64)
    quadratic = {"curvature": curvature, "minimum": normal(4)()}
    logistic = {"x": normal(8, 3)(), "target": labels(2, 8)().double()}
    return [
        (
            "quadratic",
            quadratic,
            {"x": normal(4)()},
            lambda p, c: (c["curvature"] * (p["x"] - c["minimum"]) ** 2).sum() / 2,
        ),
        (
            "logistic",
            logistic,
            {"weight": normal(3)(), "bias": normal()()},
            lambda p, c: F.binary_cross_entropy_with_logits(
                c["x"] @ p["weight"] + p["bias"], c["target"]
            ),
        ),
    ]


def optimizer_runs() -> list[dict[str, Any]]:
    """Ten steps of every rule on every problem: each step's loss, and all parameters after it."""
    runs = []
    for problem, constants, first, loss_of in problems():
        for rule, options, make in rules:
            parameters = {n: x.clone().requires_grad_() for n, x in first.items()}
            optimizer = make(list(parameters.values()))
            steps = []
            for _ in range(10):
                optimizer.zero_grad()
                loss = loss_of(parameters, constants)
                loss.backward()
                optimizer.step()
                after = {n: array(x.detach().clone()) for n, x in parameters.items()}
                steps.append({"loss": loss.item(), "parameters": after})
            runs.append(
                {
                    "problem": problem,
                    "rule": rule,
                    "options": options,
                    "constants": {n: array(x) for n, x in constants.items()},
                    "parameters": {n: array(x) for n, x in first.items()},
                    "steps": steps,
                }
            )
    return runs


def net_run() -> dict[str, Any]:
    """Conv2d, BatchNorm, ReLU, MaxPool, Flatten, Linear; five steps of SGD with momentum."""
    torch.manual_seed(2)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(2, 3, 3, padding=1),
        torch.nn.BatchNorm2d(3),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(12, 4),
    ).double()
    names = {
        "0.weight": "conv1.weight",
        "0.bias": "conv1.bias",
        "1.weight": "batchNorm1.gamma",
        "1.bias": "batchNorm1.beta",
        "1.running_mean": "batchNorm1.movingMean",
        "1.running_var": "batchNorm1.movingVariance",
        "5.weight": "linear1.weight",
        "5.bias": "linear1.bias",
    }
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            near_one = uniform(0.5, 1.5, *parameter.shape)() if name == "1.weight" else None
            parameter.copy_(near_one if near_one is not None else 0.4 * normal(*parameter.shape)())

    def cells() -> dict[str, Any]:
        return {ours: array(net.state_dict()[theirs].clone()) for theirs, ours in names.items()}

    run: dict[str, Any] = {"first": cells(), "batches": [], "losses": []}
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(5):
        x, target = normal(4, 2, 4, 4)(), labels(4, 4)()
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), target.long())
        loss.backward()
        optimizer.step()
        run["batches"].append({"x": array(x), "target": array(target)})
        run["losses"].append(loss.item())
    run["last"] = cells()
    probe = normal(2, 2, 4, 4)()
    run["probe"] = array(probe)
    with torch.no_grad():
        run["logits"] = array(net.eval()(probe))
    return run
