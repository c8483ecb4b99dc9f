"""Writes safetensors files with the Python library, and reads what bitgrad wrote with it.

Run from the repository root with safetensors 0.8.0, numpy and PyTorch 2.13 (CPU):
    python -B spec/golden/safetensors/make-safetensors.py          writes the files and values.json beside this script
    python -B spec/golden/safetensors/make-safetensors.py FILE …   reads each FILE and writes it again: same bytes, or an error
The first form also checks checkpoint.safetensors, which bitgrad wrote.
Each file has at most one metadata entry: the library puts several in an order that changes from run to run.
"""

import json
import math
import sys
from pathlib import Path

import safetensors
import torch
from safetensors.torch import load, save

here = Path(__file__).parent
inf, nan = math.inf, math.nan


def metadata_of(data: bytes) -> dict[str, str] | None:
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]).get("__metadata__")


def verify(path: Path) -> None:
    """The library reads the file, and writes what it read as the same bytes."""
    data = path.read_bytes()
    tensors = load(data)
    again = save(tensors, metadata=metadata_of(data))
    assert again == data, f"{path}: the library writes other bytes"
    print(f"{path}: {len(data):,} bytes, {len(tensors)} tensors, the same bytes again")


if len(sys.argv) > 1:
    for name in sys.argv[1:]:
        verify(Path(name))
    sys.exit()


def f32(values, shape=None):
    t = torch.tensor(values, dtype=torch.float32)
    return t if shape is None else t.reshape(shape)


# Names in every order but their own, in one, two, three and four bytes of UTF-8, and with all that JSON escapes.
own = {
    "z.last": f32([1.5, -0.0, inf, -inf, nan, 1e-45], (2, 3)),
    "a": torch.tensor(2.5, dtype=torch.float32),
    "Z": f32([], (0, 3)),
    "": f32([0.1]),
    'quote " slash / back \\ \b\f\n\r\t\x00\x1f\x7f': f32([0.2]),
    "\ufffd": f32([3.0]),
    "\U0001f600": f32([4.0]),
    "é": f32([5.0]),
    "\u2028": f32([6.0]),
    "__proto__": f32([7.0]),
    "10": f32([8.0]),
    "9": f32([9.0]),
    "double": torch.tensor([[0.1, 1 / 3], [5e-324, -1.7976931348623157e308]], dtype=torch.float64),
    "labels": torch.tensor([3, -1, 2147483647, -2147483648], dtype=torch.int32),
    "mask": torch.tensor([True, False, True]),
    "flag": torch.tensor(True),
}
foreign = {
    "half": torch.tensor([1.0, -0.0, 65504.0, 2.0**-24, 1023 * 2.0**-24, 2.0**-14, inf, -inf, 1 / 3], dtype=torch.float16),
    "bfloat": torch.tensor([1.0, -0.0, 3.3895e38, 1e-40, inf, -inf, 1 / 3], dtype=torch.bfloat16),
    "num_batches_tracked": torch.tensor(2147483647, dtype=torch.int64),
    "negative": torch.tensor([-2147483648, -1], dtype=torch.int64),
    "u8": torch.tensor([0, 127, 128, 255], dtype=torch.uint8),
    "i8": torch.tensor([-128, -1, 127], dtype=torch.int8),
    "i16": torch.tensor([-32768, 32767], dtype=torch.int16),
    "u16": torch.tensor([0, 32768, 65535], dtype=torch.uint16),
    "u32": torch.tensor([0, 2147483647], dtype=torch.uint32),
    "u64": torch.tensor([0, 2147483647], dtype=torch.uint64),
}
too_wide = {"step": torch.tensor([1, 2147483648], dtype=torch.int64)}
files = {
    "own": (own, {"format": "pt \u00e9 \u2028 \" \\ \x00"}),
    "plain": ({"weight": f32([[1.0, 2.0]]), "bias": f32([3.0])}, None),
    "empty": ({}, None),
    "foreign": (foreign, None),
    "too-wide": (too_wide, None),
}


def plain(value):
    """Numbers as JSON has them, the rest as text."""
    if isinstance(value, list):
        return [plain(v) for v in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def described(tensor):
    wide = tensor.double() if tensor.is_floating_point() else tensor
    dtype = str(tensor.dtype).removeprefix("torch.")
    return {"dtype": dtype, "shape": list(tensor.shape), "data": plain(wide.flatten().tolist())}


values = {"command": "python -B spec/golden/safetensors/make-safetensors.py", "safetensors": safetensors.__version__}
for name, (tensors, metadata) in files.items():
    path = here / f"{name}.safetensors"
    path.write_bytes(save(tensors, metadata=metadata))
    verify(path)
    entries = [[k, described(v)] for k, v in tensors.items()]
    values[name] = {"metadata": metadata or {}, "tensors": entries}
(here / "values.json").write_text(json.dumps(values, separators=(",", ":"), allow_nan=False) + "\n")
if (here / "checkpoint.safetensors").exists():
    verify(here / "checkpoint.safetensors")
