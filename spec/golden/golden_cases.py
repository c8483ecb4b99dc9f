"""One golden case: inputs, and what PyTorch computes from them, as plain JSON.

Rests on torch alone. All floats are float64 and are written with the digits that identify them.

A case holds, besides its inputs x and outputs y = f(x):
  cotangents  c, one for each output;
  gradients   of the sum of <c, y>, for each float input;
  direction   v, one for each of these inputs, and
  curvature   H v, with H the Hessian of the sum of <c, y*y>/2: the derivative of <gradient, v>,
              taken by PyTorch's double backward. The square lets it speak of linear ops too.
"""

import json
import math
import zlib
from collections.abc import Callable
from typing import Any

import torch

torch.set_num_threads(1)

Draw = Callable[[], torch.Tensor]


def rounded(x: torch.Tensor) -> torch.Tensor:
    """Three decimals: short to write, and read back as the same float64."""
    return torch.tensor([round(v, 3) for v in x.reshape(-1).tolist()], dtype=torch.float64).reshape(
        x.shape
    )


def normal(*shape: int) -> Draw:
    """Standard normal values."""
    return lambda: rounded(torch.randn(shape, dtype=torch.float64))


def uniform(low: float, high: float, *shape: int) -> Draw:
    """Uniform values in [low, high)."""
    return lambda: rounded(low + (high - low) * torch.rand(shape, dtype=torch.float64))


def distinct(*shape: int) -> Draw:
    """Values at least 0.05 apart, in random order: no ties."""
    count = math.prod(shape)
    return lambda: rounded((torch.randperm(count) - count / 2) * 0.05).reshape(shape)


def given(values: Any, dtype: torch.dtype = torch.float64) -> Draw:
    """These values."""
    return lambda: torch.tensor(values, dtype=dtype)


def labels(classes: int, *shape: int) -> Draw:
    """Integers in [0, classes)."""
    return lambda: torch.randint(classes, shape, dtype=torch.int32)


def mask(*shape: int) -> Draw:
    """Fair coins."""
    return lambda: torch.rand(shape) < 0.5


def probabilities(*shape: int) -> Draw:
    """Rows that sum to 1."""
    return lambda: torch.softmax(torch.randn(shape, dtype=torch.float64), -1)


def number(x: float | int | bool) -> float | int | str:
    """A JSON number; infinities and NaN by name."""
    if isinstance(x, (bool, int)):
        return int(x)
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    whole = x.is_integer() and abs(x) < 2**53 and not (x == 0 and math.copysign(1, x) < 0)
    return int(x) if whole else x


def array(x: torch.Tensor) -> dict[str, Any]:
    """Shape, row-major elements, and the dtype where it is not float64."""
    names = {
        torch.float32: "float32",
        torch.int32: "int32",
        torch.int64: "int32",
        torch.bool: "bool",
    }
    dtype = {} if x.dtype == torch.float64 else {"dtype": names[x.dtype]}
    return {"shape": list(x.shape), "data": [number(v) for v in x.reshape(-1).tolist()], **dtype}


def total(terms: list[torch.Tensor]) -> torch.Tensor:
    return torch.stack([t.sum().to(torch.float64) for t in terms]).sum()


def derivative(y: torch.Tensor, xs: list[torch.Tensor], **options: bool) -> list[torch.Tensor]:
    """Gradients of y, zeros where y does not depend on x."""
    if not y.requires_grad:
        return [torch.zeros_like(x) for x in xs]
    return list(torch.autograd.grad(y, xs, materialize_grads=True, **options))


class Collection:
    """Cases in order. Each seeds its own draws by its name, so adding one moves no other."""

    def __init__(self) -> None:
        self.cases: list[dict[str, Any]] = []

    def case(
        self,
        call: str,
        title: str,
        inputs: dict[str, Draw],
        f: Callable[..., Any],
        arguments: tuple[Any, ...] = (),
        constant: tuple[str, ...] = (),
        curvature: bool = True,
        **options: Any,
    ) -> None:
        """Runs `f` on the inputs, in order.

        bitgrad's call takes the inputs, then `arguments`, then `options`.
        `constant` names float inputs that get no gradient.
        """
        torch.manual_seed(zlib.crc32(f"{call} {title}".encode()))
        drawn = {name: draw() for name, draw in inputs.items()}
        names = [n for n, x in drawn.items() if x.is_floating_point() and n not in constant]
        values = {n: x.clone().requires_grad_(n in names) for n, x in drawn.items()}
        xs = [values[n] for n in names]
        result = f(*values.values())
        outputs = list(result) if isinstance(result, (tuple, list)) else [result]
        made: dict[str, Any] = {
            "call": call,
            "title": title,
            "inputs": {n: array(x) for n, x in drawn.items()},
            "arguments": list(arguments),
            "options": options,
            "outputs": [array(y.detach()) for y in outputs],
        }
        if names and all(y.is_floating_point() for y in outputs):
            cs = [normal(*y.shape)().to(y.dtype) for y in outputs]
            pairs = list(zip(cs, outputs, strict=True))
            made["cotangents"] = [array(c) for c in cs]
            gradients = derivative(total([c * y for c, y in pairs]), xs, retain_graph=True)
            made["gradients"] = {n: array(g) for n, g in zip(names, gradients, strict=True)}
            if curvature:
                vs = [normal(*x.shape)() for x in xs]
                loss = total([c * y * y / 2 for c, y in pairs])
                slopes = derivative(loss, xs, create_graph=True)
                products = derivative(total([g * v for g, v in zip(slopes, vs, strict=True)]), xs)
                made["direction"] = {n: array(v) for n, v in zip(names, vs, strict=True)}
                made["curvature"] = {n: array(h) for n, h in zip(names, products, strict=True)}
        self.cases.append(made)


def lines(cases: list[Any]) -> str:
    """A JSON array with one entry a line."""
    body = ",\n".join(json.dumps(c, separators=(",", ":"), allow_nan=False) for c in cases)
    return f"[\n{body}\n]"
