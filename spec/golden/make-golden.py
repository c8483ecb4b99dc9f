"""Writes PyTorch's values, gradients and Hessian-vector products as JSON beside this file.

Run from the repository root with PyTorch 2.13 (CPU), as the written files say:
    python -B spec/golden/make-golden.py
The same version writes the same bytes: every draw is seeded, and one thread computes.
"""

import json
from pathlib import Path

import torch

import elementwise_cases
import image_cases
import reduction_cases
import structure_cases
import training_runs
from golden_cases import lines

here = Path(__file__).parent
head = {
    "command": "python -B spec/golden/make-golden.py",
    "torch": torch.__version__,
    "numbers": "float64 where no dtype is given",
}


def write(name: str, sections: dict[str, str]) -> None:
    """One file; `sections` are JSON already."""
    parts = {**{k: json.dumps(v) for k, v in head.items()}, **sections}
    text = "{\n" + ",\n".join(f'"{k}":{v}' for k, v in parts.items()) + "\n}\n"
    json.loads(text)
    (here / name).write_text(text)
    print(f"{name}: {len(text):,} bytes")


modules = {
    "elementwise": elementwise_cases,
    "reduction": reduction_cases,
    "structure": structure_cases,
    "image": image_cases,
}
names = [f"{c['call']} {c['title']}" for m in modules.values() for c in m.collection.cases]
assert len(set(names)) == len(names), "two cases have one name"
for name, module in modules.items():
    write(f"{name}.json", {"cases": lines(module.collection.cases)})
write(
    "training.json",
    {
        "optimizers": lines(training_runs.optimizer_runs()),
        "net": json.dumps(training_runs.net_run(), separators=(",", ":"), allow_nan=False),
    },
)
print(f"{len(names)} cases, torch {torch.__version__}")
