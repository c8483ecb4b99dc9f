"""Golden cases of ops that move elements: views, joins, indexing, and arrays made from nothing.

Rests on golden_cases.
"""

import torch
import torch.nn.functional as F

from golden_cases import Collection, given, labels, normal

collection = Collection()
case = collection.case
cube = {"x": normal(2, 3, 4)}
matrix = {"x": normal(3, 4)}

case(
    "reshape",
    "to an inferred length",
    cube,
    lambda x: x.reshape(6, -1),
    arguments=([6, -1],),
)
case("flatten", "from the second axis", cube, lambda x: x.flatten(1), startAxis=1)
case("permute", "of three axes", cube, lambda x: x.permute(2, 0, 1), arguments=([2, 0, -2],))
case("transpose", "of the last two axes", cube, lambda x: x.transpose(-2, -1))
case("transpose", "of the outer axes", cube, lambda x: x.transpose(0, 2), axes=[0, 2])
case("expandDims", "before the last axis", matrix, lambda x: x.unsqueeze(-2), arguments=(-2,))
case("squeeze", "of one axis", {"x": normal(1, 3, 1)}, lambda x: x.squeeze(2), axis=2)
case("squeeze", "of all axes of length 1", {"x": normal(1, 3, 1)}, lambda x: x.squeeze())
case(
    "broadcastTo",
    "along two axes",
    {"x": normal(3, 1)},
    lambda x: x.broadcast_to(2, 3, 4),
    arguments=([2, 3, 4],),
)
case("detach", "of a matrix", matrix, lambda x: x.detach(), curvature=False)
case(
    "slice",
    "of a position, a range and a step",
    {"x": normal(3, 5, 6)},
    lambda x: x[1, 1:-1, ::2],
    arguments=([1, [1, -1], [0, 6, 2]],),
)
case(
    "slice",
    "backwards by two",
    {"x": normal(2, 5)},
    lambda x: x[:, 1:].flip(1)[:, ::2],
    arguments=([None, [4, 0, -2]],),
)
case("slice", "from the end", {"x": normal(4, 3)}, lambda x: x[-2:], arguments=([[-2]],))
case("flip", "of both outer axes", cube, lambda x: x.flip((0, 2)), axis=[0, 2])

case(
    "concat",
    "along the last axis",
    {"a": normal(2, 3), "b": normal(2, 1), "c": normal(2, 2)},
    lambda *xs: torch.cat(xs, -1),
    axis=-1,
)
case(
    "stack",
    "along a new middle axis",
    {"a": normal(2, 3), "b": normal(2, 3)},
    lambda *xs: torch.stack(xs, 1),
    axis=1,
)
case(
    "split",
    "into two equal parts",
    {"x": normal(4, 3)},
    lambda x: torch.split(x, 2),
    arguments=(2,),
)
case(
    "split",
    "into parts of lengths 1, 3 and 2",
    {"x": normal(2, 6)},
    lambda x: torch.split(x, [1, 3, 2], 1),
    arguments=([1, 3, 2],),
    axis=1,
)
case(
    "pad",
    "on all sides with a value",
    matrix,
    lambda x: F.pad(x, (2, 0, 1, 3), value=-1.5),
    arguments=([[1, 3], [2, 0]],),
    value=-1.5,
)
case(
    "tile",
    "with more repeats than axes",
    {"x": normal(2, 3)},
    lambda x: torch.tile(x, (2, 1, 3)),
    arguments=([2, 1, 3],),
)

rows = {"x": normal(5, 3), "indices": given([4, 0, 4, 2], torch.int32)}
case(
    "index",
    "of rows, one of them twice",
    rows,
    lambda x, i: x.index_select(0, i),
    axis=0,
)
case(
    "index",
    "of columns",
    {"x": normal(2, 4), "indices": given([3, 1], torch.int32)},
    lambda x, i: x.index_select(1, i),
    axis=-1,
)
case(
    "gather",
    "along the last axis",
    {"x": normal(3, 4), "indices": labels(4, 3, 2)},
    lambda x, i: x.gather(1, i.long()),
    axis=1,
)
case(
    "gather",
    "along the first axis",
    {"x": normal(4, 3), "indices": labels(4, 5, 3)},
    lambda x, i: x.gather(0, i.long()),
    axis=0,
)
case(
    "scatterAdd",
    "with repeated places",
    {
        "x": normal(3, 4),
        "indices": given([[0, 2, 2], [3, 3, 3], [1, 0, 1]], torch.int32),
        "updates": normal(3, 3),
    },
    lambda x, i, u: x.scatter_add(1, i.long(), u),
    axis=1,
)
case(
    "oneHot",
    "of a matrix of labels",
    {"labels": labels(4, 2, 3)},
    lambda i: F.one_hot(i.long(), 4).double(),
    classes=4,
    dtype="float64",
)


def made(call, title, f, *arguments):
    """An array made from nothing, in float64."""
    case(call, title, {}, f, arguments=arguments, dtype="float64")


f64 = {"dtype": torch.float64}
made("full", "of a value", lambda: torch.full((2, 3), -1.5, **f64), [2, 3], -1.5)
made("zeros", "of a shape", lambda: torch.zeros(2, 3, **f64), [2, 3])
made("ones", "of no axes", lambda: torch.ones((), **f64), [])
made("arange", "upwards, its end excluded", lambda: torch.arange(0.5, 3, 0.5, **f64), 0.5, 3, 0.5)
made("arange", "downwards", lambda: torch.arange(3, -2, -2, **f64), 3, -2, -2)
made("linspace", "with both ends", lambda: torch.linspace(-1, 1, 7, **f64), -1, 1, 7)
made("eye", "of more columns than rows", lambda: torch.eye(2, 4, **f64), 2, 4)
square = torch.ones(3, 4, dtype=torch.bool)
for k in (-1, 0, 2):
    triangle = {"inputs": {}, "arguments": (3, 4), "diagonal": k}
    case("lowerTriangle", f"of diagonal {k}", f=lambda k=k: square.tril(k), **triangle)
    case("upperTriangle", f"of diagonal {k}", f=lambda k=k: square.triu(k), **triangle)
