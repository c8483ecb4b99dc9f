"""Golden cases of functions of single elements, and of pairs with broadcasting.

Rests on golden_cases.
"""

import torch
import torch.nn.functional as F

from golden_cases import Collection, given, mask, normal, uniform

collection = Collection()
case = collection.case
inf, nan = float("inf"), float("nan")
int32 = torch.int32

wide = {"x": uniform(-3, 3, 3, 4)}
above = {"x": uniform(0.2, 4, 3, 4)}

case("negate", "of a matrix", wide, torch.neg)
case("abs", "of numbers and zero", {"x": given([-2.5, -0.5, 0, 0.5, 2.5])}, torch.abs)
case("sign", "of numbers and zero", {"x": given([-2.5, 0, 3])}, torch.sign)
case("square", "of a matrix", wide, torch.square)
case("sqrt", "of positive numbers", above, torch.sqrt)
case("sqrt", "at zero and infinity", {"x": given([0, inf])}, torch.sqrt, curvature=False)
case("rsqrt", "of positive numbers", above, torch.rsqrt)
case("exp", "of a matrix", wide, torch.exp)
case(
    "exp",
    "at its ends",
    {"x": given([-inf, -745.2, -700, 0, 700])},
    torch.exp,
    curvature=False,
)
case(
    "expm1",
    "of small numbers",
    {"x": given([-1e-3, -1e-9, 1e-300, 1e-12, 0.5])},
    torch.expm1,
)
case("log", "of positive numbers", above, torch.log)
case(
    "log",
    "at zero, one and infinity",
    {"x": given([0, 1, inf])},
    torch.log,
    curvature=False,
)
case(
    "log1p",
    "of small numbers",
    {"x": given([-0.9, -1e-9, 1e-300, 1e-12, 3.0])},
    torch.log1p,
)
case("sin", "of a matrix", wide, torch.sin)
case("sin", "of large numbers", {"x": given([1e3, -1e6, 1e10, 1e15])}, torch.sin)
case("cos", "of a matrix", wide, torch.cos)
case("tan", "inside (-1.3, 1.3)", {"x": uniform(-1.3, 1.3, 3, 4)}, torch.tan)
case(
    "atan",
    "of a matrix and infinities",
    {"x": given([-inf, -2, 0, 0.7, 30, inf])},
    torch.atan,
    curvature=False,
)
case("atan", "of a matrix", wide, torch.atan)
case("tanh", "of a matrix", wide, torch.tanh)
case(
    "tanh",
    "where it is flat and where it is tiny",
    {"x": given([-1000, -20, -1e-9, 1e-300, 20, 1000])},
    torch.tanh,
)
case("sinh", "of a matrix", wide, torch.sinh)
case("cosh", "of a matrix", wide, torch.cosh)
case("erf", "of a matrix", wide, torch.erf)
case("erfc", "of a matrix", wide, torch.erfc)

case("sigmoid", "of a matrix", wide, torch.sigmoid)
case("sigmoid", "at -800 and 800", {"x": given([-800, -40, 40, 800])}, torch.sigmoid)
# PyTorch's softplus is x above its threshold of 20, which errs by 2e-9 there; a higher threshold
# gives the definition.
case(
    "softplus",
    "of numbers up to 30",
    {"x": given([-40, -3, 0, 2, 19, 30])},
    lambda x: F.softplus(x, threshold=700),
)
case("silu", "of a matrix", wide, F.silu)
case("gelu", "by the error function", wide, F.gelu)
case(
    "gelu",
    "by its tanh approximation",
    wide,
    lambda x: F.gelu(x, approximate="tanh"),
    approximate="tanh",
)
kinked = {"x": given([-3, -0.5, 0, 0.5, 3])}
case("relu", "of numbers and zero", kinked, F.relu)
case("leakyRelu", "of slope 0.01", kinked, F.leaky_relu)
case("leakyRelu", "of slope 0.2", kinked, lambda x: F.leaky_relu(x, 0.2), slope=0.2)
case("elu", "of alpha 1", wide, F.elu)
case("elu", "of alpha 1.7", wide, lambda x: F.elu(x, 1.7), alpha=1.7)
case("selu", "of a matrix", wide, F.selu)

pair = {"a": normal(2, 3, 1), "b": normal(3, 4)}
case("add", "with broadcasting", pair, torch.add)
case("subtract", "with broadcasting", pair, torch.sub)
case("multiply", "with broadcasting", pair, torch.mul)
case("multiply", "with a 0-d tensor", {"a": normal(2, 3), "b": normal()}, torch.mul)
case(
    "divide",
    "with broadcasting",
    {"a": normal(2, 3, 1), "b": uniform(0.5, 2, 3, 4)},
    torch.div,
)
case(
    "pow",
    "with broadcasting",
    {"a": uniform(0.3, 3, 3, 1), "b": uniform(-2, 3, 4)},
    torch.pow,
)
case(
    "pow",
    "of exponent 3, negative bases included",
    wide,
    lambda x: x**3,
    arguments=(3,),
)
case("pow", "of exponent -0.5", above, lambda x: x**-0.5, arguments=(-0.5,))
case(
    "pow",
    "at zero bases",
    {"a": given([0, 0, 0]), "b": given([0, 1, 2])},
    torch.pow,
    curvature=False,
)

special = [nan, -inf, -1, -0.0, 0, 1, inf]
pairs = {"a": given([[v] for v in special]), "b": given(special)}
case("equal", "at NaN, infinities and both zeros", pairs, torch.eq)
case("notEqual", "at NaN, infinities and both zeros", pairs, torch.ne)
case("less", "at NaN, infinities and both zeros", pairs, torch.lt)
case("lessEqual", "at NaN, infinities and both zeros", pairs, torch.le)
case("greater", "at NaN, infinities and both zeros", pairs, torch.gt)
case("greaterEqual", "at NaN, infinities and both zeros", pairs, torch.ge)
bools = {"a": given([[False], [True]], torch.bool), "b": given([False, True], torch.bool)}
case("logicalAnd", "over its truth table", bools, torch.logical_and)
case("logicalOr", "over its truth table", bools, torch.logical_or)
case("logicalXor", "over its truth table", bools, torch.logical_xor)
case(
    "logicalNot",
    "over its truth table",
    {"x": given([False, True], torch.bool)},
    torch.logical_not,
)

case(
    "where",
    "with broadcasting",
    {"condition": mask(2, 1, 4), "a": normal(3, 1), "b": normal(4)},
    torch.where,
)
tied = {"a": given([[1, 2, 3], [-1, 0, 5]]), "b": given([2, 2, 2])}
case("minimum", "with ties", tied, torch.minimum)
case("maximum", "with ties", tied, torch.maximum)
case(
    "maximum",
    "of NaN",
    {"a": given([nan, 1, -inf]), "b": given([0, nan, inf])},
    torch.maximum,
    curvature=False,
)
bounded = {"x": given([-2, -1, -0.5, 0.75, 1, 3])}
case("clamp", "at and beyond both bounds", bounded, lambda x: x.clamp(-1, 1), min=-1, max=1)
case("clamp", "from below only", bounded, lambda x: x.clamp(min=-0.5), min=-0.5)
case("clamp", "from above only", bounded, lambda x: x.clamp(max=0.75), max=0.75)

case(
    "cast",
    "to float32",
    {"x": normal(2, 3)},
    lambda x: x.to(torch.float32),
    arguments=("float32",),
)
case(
    "cast",
    "to int32",
    {"x": given([-1.75, -0.5, 0, 0.5, 1.75])},
    lambda x: x.to(int32),
    arguments=("int32",),
)
case(
    "cast",
    "to bool",
    {"x": given([0, -0.0, 0.25, -3, nan])},
    lambda x: x.to(torch.bool),
    arguments=("bool",),
)
case(
    "cast",
    "from bool",
    {"x": given([False, True], torch.bool)},
    lambda x: x.to(torch.float64),
    arguments=("float64",),
)
