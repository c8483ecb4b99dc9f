"""Writes the rates of PyTorch's schedulers as JSON beside this file.

Run from the repository root with PyTorch 2.13 (CPU):
    python -B spec/golden/make-schedules.py
A case names the schedule here, its options, and PyTorch's rate at the iterations 0, 1, 2, …
"""

import json
import warnings
from pathlib import Path

import torch
from torch.optim import lr_scheduler

warnings.filterwarnings("ignore")  # schedulers that step without an optimiser
BASE = 0.3


def rates(make, count, base=BASE):
    """The rate of iterations 0 … count - 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base)
    scheduler = make(optimizer)
    path = []
    for _ in range(count):
        path.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return path


def case(schedule, options, make, count=60, note=""):
    return {
        "schedule": schedule,
        "options": {"base": BASE, **options},
        "note": note,
        "rates": rates(make, count),
    }


def one_cycle(total, share, strategy, **more):
    """PyTorch counts from 1 here: its last iteration is total - 1, its peak at share·total - 1."""
    start = 0.3 / more.get("div_factor", 25.0)
    options = {
        "peak": 0.3,
        "totalSteps": total - 1,
        "peakStep": round(share * total) - 1,
        "start": start,
        "end": start / more.get("final_div_factor", 1e4),
        "shape": {"cos": "cosine", "linear": "linear"}[strategy],
    }
    return {
        "schedule": "oneCycle",
        "options": options,
        "note": "",
        "rates": rates(
            lambda o: lr_scheduler.OneCycleLR(
                o, 0.3, total_steps=total, pct_start=share, anneal_strategy=strategy, **more
            ),
            total,
        ),
    }


def sequential(optimizer):
    parts = [
        lr_scheduler.LinearLR(optimizer, start_factor=0.01, end_factor=1.0, total_iters=10),
        lr_scheduler.CosineAnnealingLR(optimizer, 50),
    ]
    return lr_scheduler.SequentialLR(optimizer, parts, milestones=[10])


def chained(optimizer):
    return lr_scheduler.ChainedScheduler(
        [
            lr_scheduler.ExponentialLR(optimizer, 0.95),
            lr_scheduler.MultiStepLR(optimizer, [20, 40], 0.5),
        ]
    )


cases = [
    case("constant", {}, lambda o: lr_scheduler.LambdaLR(o, lambda t: 1.0)),
    case("step", {"every": 7, "factor": 0.1}, lambda o: lr_scheduler.StepLR(o, 7, 0.1)),
    case("step", {"every": 1, "factor": 0.9}, lambda o: lr_scheduler.StepLR(o, 1, 0.9)),
    case(
        "multiStep",
        {"milestones": [30, 60, 90]},
        lambda o: lr_scheduler.MultiStepLR(o, [30, 60, 90]),
        100,
    ),
    case("exponential", {"factor": 0.93}, lambda o: lr_scheduler.ExponentialLR(o, 0.93)),
    case(
        "linear",
        {"totalSteps": 40, "end": 0.03},
        lambda o: lr_scheduler.LinearLR(o, start_factor=1.0, end_factor=0.1, total_iters=40),
    ),
    case(
        "polynomial",
        {"totalSteps": 40, "power": 0.9},
        lambda o: lr_scheduler.PolynomialLR(o, total_iters=40, power=0.9),
    ),
    case(
        "polynomial",
        {"totalSteps": 40, "power": 2},
        lambda o: lr_scheduler.PolynomialLR(o, total_iters=40, power=2.0),
    ),
    case(
        "cosine",
        {"totalSteps": 59, "end": 0.001},
        lambda o: lr_scheduler.CosineAnnealingLR(o, 59, eta_min=0.001),
        note="up to T_max: PyTorch goes up again after it",
    ),
    case(
        "cosineRestarts",
        {"period": 10},
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10),
    ),
    case(
        "cosineRestarts",
        {"period": 5, "multiplier": 2, "end": 0.01},
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 5, 2, eta_min=0.01),
        100,
    ),
    case(
        "cosineRestarts",
        {"period": 4, "multiplier": 3},
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 4, 3),
        100,
    ),
    case(
        "inverseSquareRoot",
        {"timescale": 10},
        lambda o: lr_scheduler.LambdaLR(o, lambda t: (1 + t / 10) ** -0.5),
    ),
    one_cycle(50, 0.3, "cos"),
    one_cycle(50, 0.3, "linear"),
    one_cycle(40, 0.25, "cos", div_factor=10.0, final_div_factor=100.0),
    case("warmupCosine", {"steps": 10, "start": 0.003, "totalSteps": 50}, sequential),
    case("exponentialTimesSteps", {"factor": 0.95, "milestones": [20, 40]}, chained),
]


def plateau(options, metrics):
    """The rate after each report."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)
    scheduler = lr_scheduler.ReduceLROnPlateau(
        optimizer,
        mode={"lower": "min", "higher": "max"}[options.get("better", "lower")],
        factor=options.get("factor", 0.1),
        patience=options.get("patience", 10),
        threshold=options.get("threshold", 1e-4),
        threshold_mode={"relative": "rel", "absolute": "abs"}[
            options.get("thresholdKind", "relative")
        ],
        cooldown=options.get("cooldown", 0),
        min_lr=options.get("minimum", 0),
        eps=0,
    )
    path = []
    for metric in metrics:
        scheduler.step(metric)
        path.append(optimizer.param_groups[0]["lr"])
    return {"options": {"base": BASE, **options}, "metrics": metrics, "rates": path}


torch.manual_seed(0)


def falling(count):
    """A noisy loss that levels out."""
    noise = torch.rand(count, dtype=torch.float64)
    return [float(1 / (1 + t / 5) + 0.1 * noise[t]) for t in range(count)]


plateaus = [
    plateau({}, falling(100)),
    plateau({"patience": 2, "factor": 0.5}, falling(80)),
    plateau({"patience": 2, "factor": 0.5, "cooldown": 3}, falling(80)),
    plateau({"patience": 1, "threshold": 0.1, "minimum": 0.01}, falling(80)),
    plateau({"patience": 1, "threshold": 0.02, "thresholdKind": "absolute"}, falling(80)),
    plateau(
        {"patience": 2, "better": "higher", "factor": 0.7}, [1 - loss / 2 for loss in falling(80)]
    ),
    plateau(
        {"patience": 0, "better": "higher", "threshold": 0.01, "thresholdKind": "absolute"},
        [1 - loss / 2 for loss in falling(40)],
    ),
]

# Where definitions differ: what PyTorch does.
differences = {
    "cosineBeyondTheEnd": rates(lambda o: lr_scheduler.CosineAnnealingLR(o, 20), 41),
    "plateauOfNegativeMetrics": plateau(
        {"patience": 0, "factor": 0.5, "threshold": 0.25}, [-2.0, -1.6, -1.6]
    ),
}

text = json.dumps(
    {
        "command": "python -B spec/golden/make-schedules.py",
        "torch": torch.__version__,
        "schedules": cases,
        "plateaus": plateaus,
        "differences": differences,
    },
    ensure_ascii=False,
)
path = Path(__file__).parent / "schedules.json"
path.write_text(text.replace('}, {"schedule"', '},\n{"schedule"').replace('}, {"options"', '},\n{"options"') + "\n")
print(f"{path.name}: {len(text):,} bytes, torch {torch.__version__}")
