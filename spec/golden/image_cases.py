"""Golden cases of convolution, pooling, windows and normalization. Rests on golden_cases."""

import torch
import torch.nn.functional as F

from golden_cases import Collection, distinct, given, normal, uniform

collection = Collection()
case = collection.case
inf = float("inf")


def conv(title, x, weight, bias=False, **options):
    inputs = {
        "x": normal(*x),
        "weight": normal(*weight),
        **({"bias": normal(weight[0])} if bias else {}),
    }
    case(
        "conv2d",
        title,
        inputs,
        lambda x, w, b=None: F.conv2d(x, w, b, **options),
        **options,
    )


conv("of 3x3 kernels", (2, 2, 4, 5), (3, 2, 3, 3))
conv("with a bias and padding 1", (2, 2, 4, 3), (3, 2, 3, 3), bias=True, padding=1)
conv("of stride 2 with padding 1", (1, 2, 6, 5), (2, 2, 3, 3), bias=True, stride=2, padding=1)
conv(
    "of unequal strides, paddings and kernel sides",
    (1, 2, 5, 6),
    (2, 2, 2, 3),
    stride=[2, 1],
    padding=[1, 2],
)
conv('of 3x3 kernels with padding "same"', (1, 2, 4, 4), (2, 2, 3, 3), padding="same")
conv('of 2x4 kernels with padding "same"', (1, 1, 4, 5), (2, 1, 2, 4), padding="same")
conv('of dilation 2 with padding "same"', (1, 1, 5, 4), (1, 1, 3, 2), padding="same", dilation=2)
conv("of dilation 2", (1, 2, 6, 5), (2, 2, 3, 2), dilation=2)
conv("of unequal dilations", (1, 1, 5, 6), (2, 1, 3, 3), dilation=[1, 2], padding=[0, 1])
conv("in two groups", (2, 4, 4, 4), (6, 2, 2, 2), bias=True, groups=2)
conv(
    "in one group a channel, of stride 2", (1, 3, 5, 5), (3, 1, 3, 3), groups=3, stride=2, padding=1
)
conv("of 1x1 kernels", (2, 3, 2, 3), (4, 3, 1, 1), bias=True)
conv("of a kernel as large as the image", (2, 2, 3, 3), (3, 2, 3, 3))


def transposed(title, x, weight, bias=None, **options):
    inputs = {
        "x": normal(*x),
        "weight": normal(*weight),
        **({"bias": normal(bias)} if bias else {}),
    }
    renamed = {"outputPadding": "output_padding"}
    given_to_torch = {renamed.get(k, k): v for k, v in options.items()}
    case(
        "convTranspose2d",
        title,
        inputs,
        lambda x, w, b=None: F.conv_transpose2d(x, w, b, **given_to_torch),
        **options,
    )


transposed("of 2x2 kernels", (2, 2, 3, 2), (2, 3, 2, 2))
transposed(
    "of stride 2 with output padding 1",
    (1, 2, 3, 3),
    (2, 2, 3, 3),
    bias=2,
    stride=2,
    padding=1,
    outputPadding=1,
)
transposed("in two groups, dilated", (1, 4, 3, 3), (4, 1, 2, 2), bias=2, groups=2, dilation=2)
transposed(
    "of unequal strides and output paddings",
    (1, 2, 2, 3),
    (2, 1, 3, 2),
    stride=[3, 2],
    padding=[1, 0],
    outputPadding=[2, 1],
)


def pool(call, f, title, x, **options):
    renamed = {"window": "kernel_size", "countPadding": "count_include_pad"}
    given_to_torch = {renamed.get(k, k): v for k, v in options.items()}
    case(call, title, {"x": x}, lambda x: f(x, **given_to_torch), **options)


pool("maxPool2d", F.max_pool2d, "of 2x2 windows", distinct(2, 2, 4, 4), window=2)
pool(
    "maxPool2d",
    F.max_pool2d,
    "of overlapping windows with padding",
    distinct(1, 2, 5, 5),
    window=3,
    stride=2,
    padding=1,
)
pool(
    "maxPool2d",
    F.max_pool2d,
    "of dilated windows",
    distinct(1, 1, 6, 7),
    window=[2, 3],
    stride=[1, 2],
    dilation=2,
)
pool(
    "maxPool2d",
    F.max_pool2d,
    "of unequal sides and paddings",
    distinct(1, 1, 4, 5),
    window=[2, 3],
    stride=[2, 1],
    padding=[1, 0],
)
pool(
    "maxPool2d",
    F.max_pool2d,
    "of ties",
    given([[[[1, 1, 2, 0], [1, 1, 2, 2], [0, 0, -1, -1], [0, 0, -1, -1]]]]),
    window=2,
)
pool("avgPool2d", F.avg_pool2d, "of 2x2 windows", normal(2, 2, 4, 4), window=2)
pool(
    "avgPool2d",
    F.avg_pool2d,
    "with padding counted",
    normal(1, 2, 5, 5),
    window=3,
    stride=2,
    padding=1,
)
pool(
    "avgPool2d",
    F.avg_pool2d,
    "with padding not counted",
    normal(1, 2, 5, 5),
    window=3,
    stride=2,
    padding=1,
    countPadding=False,
)
pool(
    "avgPool2d",
    F.avg_pool2d,
    "of unequal sides",
    normal(1, 1, 4, 6),
    window=[3, 2],
    stride=[1, 3],
    padding=[1, 0],
)
case(
    "globalAvgPool2d",
    "of two channels",
    {"x": normal(2, 2, 3, 4)},
    lambda x: x.mean((2, 3)),
)
case(
    "globalMaxPool2d",
    "of two channels",
    {"x": distinct(2, 2, 3, 4)},
    lambda x: x.amax((2, 3)),
)


def window(title, shape, **options):
    given_to_torch = {("kernel_size" if k == "window" else k): v for k, v in options.items()}
    case(
        "im2col",
        title,
        {"x": normal(*shape)},
        lambda x: F.unfold(x, **given_to_torch),
        **options,
    )
    columns = F.unfold(torch.zeros(shape), **given_to_torch).shape
    case(
        "col2im",
        title,
        {"x": normal(*columns)},
        lambda x: F.fold(x, shape[2:], **given_to_torch),
        inputShape=list(shape),
        **options,
    )


window("of 2x2 windows", (2, 2, 3, 4), window=2)
window(
    "of padded, dilated windows of stride 2",
    (1, 2, 5, 4),
    window=[3, 2],
    stride=2,
    padding=1,
    dilation=[1, 2],
)


def batch_norm(title, shape, **options):
    channels = shape[1]
    axes = tuple(a for a in range(len(shape)) if a != 1)
    epsilon = options.get("epsilon", 1e-5)

    def f(x, gamma, beta):
        y = F.batch_norm(x, None, None, gamma, beta, training=True, eps=epsilon)
        return y, x.mean(axes), x.var(axes, correction=0)

    inputs = {"x": normal(*shape), "gamma": uniform(0.5, 2, channels), "beta": normal(channels)}
    case("batchNorm", title, inputs, f, **options)


batch_norm("of a batch of images", (3, 2, 3, 2))
batch_norm("of a batch of vectors", (5, 3))
batch_norm("with an epsilon of 0.1", (3, 2, 2, 2), epsilon=0.1)
case(
    "batchNormInference",
    "of images by given statistics",
    {
        "x": normal(2, 3, 2, 2),
        "gamma": uniform(0.5, 2, 3),
        "beta": normal(3),
        "mean": normal(3),
        "variance": uniform(0.3, 2, 3),
    },
    lambda x, gamma, beta, mean, variance: F.batch_norm(
        x, mean, variance, gamma, beta, training=False, eps=1e-5
    ),
    constant=("mean", "variance"),
    epsilon=1e-5,
)
case(
    "layerNorm",
    "over the last axis",
    {"x": normal(3, 4), "gamma": uniform(0.5, 2, 4), "beta": normal(4)},
    lambda x, g, b: F.layer_norm(x, (4,), g, b, 1e-5),
    epsilon=1e-5,
)
case(
    "layerNorm",
    "of sequences",
    {"x": normal(2, 3, 5), "gamma": uniform(0.5, 2, 5), "beta": normal(5)},
    lambda x, g, b: F.layer_norm(x, (5,), g, b, 1e-3),
    epsilon=1e-3,
)
for groups in (1, 2, 4):
    case(
        "groupNorm",
        f"in {groups} {'group' if groups == 1 else 'groups'}",
        {"x": normal(2, 4, 2, 3), "gamma": uniform(0.5, 2, 4), "beta": normal(4)},
        lambda x, g, b, n=groups: F.group_norm(x, n, g, b, 1e-5),
        groups=groups,
        epsilon=1e-5,
    )
