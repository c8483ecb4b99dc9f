"""Golden cases of reductions, scans, softmax, losses and products. Rests on golden_cases."""

import torch
import torch.nn.functional as F

from golden_cases import Collection, distinct, given, labels, normal, probabilities, uniform

collection = Collection()
case = collection.case
inf, nan = float("inf"), float("nan")
cube = {"x": normal(2, 3, 4)}

case("sum", "over the middle axis", cube, lambda x: x.sum(1), axis=1)
case(
    "sum",
    "over two axes, kept",
    cube,
    lambda x: x.sum((0, 2), keepdim=True),
    axis=[0, -1],
    keepDims=True,
)
case("mean", "over all axes", cube, lambda x: x.mean())
case(
    "mean",
    "over the last axis, kept",
    cube,
    lambda x: x.mean(-1, keepdim=True),
    axis=-1,
    keepDims=True,
)
ties = {"x": given([[1, 3, 3, 0], [2, 2, 2, 2], [5, -1, 4, -1]])}
case("max", "over rows with ties", ties, lambda x: x.amax(1), axis=1)
case("max", "over all axes without ties", {"x": distinct(3, 4)}, lambda x: x.amax())
case("min", "over rows with ties", ties, lambda x: x.amin(1), axis=1)
case(
    "min",
    "over two axes, kept",
    {"x": distinct(2, 3, 4)},
    lambda x: x.amin((0, 2), keepdim=True),
    axis=[0, 2],
    keepDims=True,
)
zeros = {"x": given([[2, -3, 0.5], [2, 0, 3], [0, 4, 0], [0, 0, 0]])}
case(
    "prod",
    "over rows with no, one, two and three zeros",
    zeros,
    lambda x: x.prod(1),
    axis=1,
)
case("prod", "over the first axis", {"x": normal(3, 4)}, lambda x: x.prod(0), axis=0)
case(
    "any",
    "over the last axis",
    {"x": given([[0, 0], [0, 1], [1, 1]], torch.bool)},
    lambda x: x.any(1),
    axis=1,
)
case(
    "all",
    "over the last axis",
    {"x": given([[0, 0], [0, 1], [1, 1]], torch.bool)},
    lambda x: x.all(1),
    axis=1,
)

case(
    "variance",
    "without correction, over the last axis",
    cube,
    lambda x: x.var(-1, correction=0),
    axis=-1,
)
case(
    "variance",
    "with correction 1, over two axes",
    cube,
    lambda x: x.var((0, 2), correction=1),
    axis=[0, 2],
    correction=1,
)
case(
    "variance",
    "of numbers far from zero",
    {"x": given([1e6, 1e6 + 0.25, 1e6 + 0.5, 1e6 + 1.5])},
    lambda x: x.var(correction=0),
    curvature=False,
)
case(
    "std",
    "without correction, over the first axis",
    cube,
    lambda x: x.std(0, correction=0),
    axis=0,
)
case(
    "std",
    "with correction 1, over all axes",
    cube,
    lambda x: x.std(correction=1),
    correction=1,
)
case(
    "norm",
    "over the last axis",
    cube,
    lambda x: torch.linalg.vector_norm(x, dim=-1),
    axis=-1,
)
case(
    "norm",
    "of the zero vector",
    {"x": given([0, 0, 0])},
    torch.linalg.vector_norm,
    curvature=False,
)
case("logSumExp", "over the last axis", cube, lambda x: x.logsumexp(-1), axis=-1)
case(
    "logSumExp",
    "of large, tiny and infinite arguments",
    {"x": given([[1000, 999, -inf], [-1000, -1001, -inf]])},
    lambda x: x.logsumexp(1),
    axis=1,
    curvature=False,
)
case("cumsum", "along the last axis", cube, lambda x: x.cumsum(-1), axis=-1)
case(
    "cumsum",
    "in reverse along the first axis",
    cube,
    lambda x: x.flip(0).cumsum(0).flip(0),
    axis=0,
    reverse=True,
)
case("argmax", "along the last axis", {"x": distinct(3, 4)}, lambda x: x.argmax(-1), axis=-1)
case(
    "argmin",
    "along the first axis, kept",
    {"x": distinct(3, 4)},
    lambda x: x.argmin(0, keepdim=True),
    axis=0,
    keepDims=True,
)
case("argmax", "of a whole array", {"x": distinct(2, 3, 4)}, lambda x: x.argmax())

case("softmax", "over the last axis", cube, lambda x: x.softmax(-1))
case("softmax", "over the middle axis", cube, lambda x: x.softmax(1), axis=1)
huge = {"x": given([[1000, 999, 0], [-1000, -1001, -1002]])}
case("softmax", "of huge logits", huge, lambda x: x.softmax(-1))
case("logSoftmax", "over the last axis", cube, lambda x: x.log_softmax(-1))
case("logSoftmax", "over the first axis", cube, lambda x: x.log_softmax(0), axis=0)
case("logSoftmax", "of huge logits", huge, lambda x: x.log_softmax(-1))


def cross_entropy(**options):
    """PyTorch takes labels as int64."""

    def f(logits, target):
        return F.cross_entropy(
            logits, target if target.is_floating_point() else target.long(), **options
        )

    return f


logits = {"logits": normal(4, 5), "target": labels(5, 4)}
soft = {"logits": normal(4, 5), "target": probabilities(4, 5)}
for reduction in ("mean", "sum", "none"):
    case(
        "crossEntropy",
        f"of labels, reduction {reduction}",
        logits,
        cross_entropy(reduction=reduction),
        reduction=reduction,
    )
    case(
        "mse",
        f"with reduction {reduction}",
        {"prediction": normal(3, 2), "target": normal(3, 2)},
        lambda p, t, r=reduction: F.mse_loss(p, t, reduction=r),
        reduction=reduction,
    )
    case(
        "binaryCrossEntropyWithLogits",
        f"with reduction {reduction}",
        {"logits": normal(3, 2), "target": uniform(0, 1, 3, 2)},
        lambda x, t, r=reduction: F.binary_cross_entropy_with_logits(x, t, reduction=r),
        reduction=reduction,
    )
case(
    "crossEntropy",
    "of labels, smoothed by 0.1",
    logits,
    cross_entropy(label_smoothing=0.1),
    labelSmoothing=0.1,
)
case("crossEntropy", "of probabilities", soft, cross_entropy())
case(
    "crossEntropy",
    "of probabilities, smoothed by 0.2 and summed",
    soft,
    cross_entropy(label_smoothing=0.2, reduction="sum"),
    labelSmoothing=0.2,
    reduction="sum",
)
case(
    "crossEntropy",
    "of huge logits",
    {"logits": given([[1000, 0, -1000], [-1000, 0, 1000]]), "target": given([0, 1], torch.int32)},
    cross_entropy(),
)
case(
    "binaryCrossEntropyWithLogits",
    "of huge logits",
    {"logits": given([-800, -40, 40, 800]), "target": given([0, 1, 0, 0.5])},
    F.binary_cross_entropy_with_logits,
)

case("matmul", "of two matrices", {"a": normal(3, 4), "b": normal(4, 2)}, torch.matmul)
case("matmul", "of two batches", {"a": normal(2, 3, 4), "b": normal(2, 4, 2)}, torch.matmul)
case(
    "matmul",
    "of batches that are broadcast",
    {"a": normal(2, 1, 3, 4), "b": normal(3, 4, 2)},
    torch.matmul,
)
case(
    "matmul",
    "of a batch with a matrix",
    {"a": normal(2, 3, 4), "b": normal(4, 2)},
    torch.matmul,
)
case(
    "matmul",
    "of a vector with a matrix",
    {"a": normal(4), "b": normal(4, 2)},
    torch.matmul,
)
case(
    "matmul",
    "of a batch with a vector",
    {"a": normal(2, 3, 4), "b": normal(4)},
    torch.matmul,
)
case("matmul", "of two vectors", {"a": normal(4), "b": normal(4)}, torch.matmul)
case("outer", "of two vectors", {"a": normal(3), "b": normal(4)}, torch.outer)
case("dot", "of two vectors", {"a": normal(5), "b": normal(5)}, torch.dot)


def einsum(equation, title, **inputs):
    case(
        "einsum",
        title,
        inputs,
        lambda *xs: torch.einsum(equation, *xs),
        arguments=(equation,),
    )


einsum("ij,kj->ik", "of a product with a transpose", a=normal(3, 4), b=normal(2, 4))
einsum("bhqd,bhkd->bhqk", "of attention scores", q=normal(1, 2, 3, 4), k=normal(1, 2, 2, 4))
einsum(
    "bi,ij,bj->b",
    "of a bilinear form of three operands",
    a=normal(2, 3),
    b=normal(3, 4),
    c=normal(2, 4),
)
einsum("ij->j", "of a sum over rows", a=normal(3, 4))
einsum("ijk->kij", "of a permutation", a=normal(2, 3, 2))
