"""Golden values of data: npy files as NumPy saves them, and whitening by NumPy's eigenvalues.

Writes data.json beside this file. Run: python3 spec/golden/make-data.py (NumPy 2; nothing else).
"""

import base64
import io
import json
import pathlib

import numpy as np
from numpy.lib import format as npy


def saved(array, version=None):
    out = io.BytesIO()
    npy.write_array(out, array, version=version)
    return base64.b64encode(out.getvalue()).decode()


def around(dtype):
    """Shapes whose headers are just below and just above a multiple of 64 bytes."""
    if dtype != "float32":
        return []
    return [(1,) * ones + (10**digits,) for ones in range(11, 17) for digits in range(3)]


def files():
    rng = np.random.default_rng(7)
    cases = []
    for dtype in ["float32", "float64", "int32", "bool", "uint8"]:
        for shape in [(), (3,), (2, 3), (2, 0, 3), (2, 3, 4), (12345678901, 0)] + around(dtype):
            values = rng.integers(0, 2 if dtype == "bool" else 100, shape)
            array = np.asarray(values, dtype=dtype)
            if dtype.startswith("float"):
                array = np.asarray(array / 7, dtype=dtype)
            for order in ["C", "F"]:
                for byte_order in ["<", ">"]:
                    for version in [None, (2, 0), (3, 0)]:
                        laid = np.asarray(array, order=order).astype(
                            array.dtype.newbyteorder(byte_order), order="K"
                        )
                        plain = order == "C" and byte_order == "<" and version is None
                        if not plain and shape != (2, 3, 4):
                            continue
                        cases.append(
                            {
                                "dtype": dtype,
                                "shape": list(shape),
                                "order": order,
                                "byteOrder": byte_order,
                                "version": 1 if version is None else version[0],
                                "values": [float(v) for v in array.reshape(-1)],
                                "plain": plain,
                                "file": saved(laid, version),
                            }
                        )
    return cases


def refused():
    return {
        "int64": saved(np.arange(3, dtype="int64")),
        "float16": saved(np.arange(3, dtype="float16")),
        "complex128": saved(np.arange(3, dtype="complex128")),
        "text": saved(np.array(["a", "bc"])),
        "structured": saved(np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")])),
    }


def whitening():
    rng = np.random.default_rng(9)
    size, count, epsilon = 5, 40, 0.01
    x = rng.normal(size=(count, size)) @ rng.normal(size=(size, size)) + 2
    mean = x.mean(axis=0)
    covariance = np.cov(x.T, bias=True)
    values, vectors = np.linalg.eigh(covariance)
    values, vectors = values[::-1], vectors.T[::-1]
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    vectors = vectors * np.sign(largest)
    scale = 1 / np.sqrt(values + epsilon)
    pca = scale[:, None] * vectors
    zca = vectors.T @ pca
    return {
        "size": size,
        "epsilon": epsilon,
        "x": x.reshape(-1).tolist(),
        "mean": mean.tolist(),
        "covariance": covariance.reshape(-1).tolist(),
        "pca": ((x - mean) @ pca.T).reshape(-1).tolist(),
        "zca": ((x - mean) @ zca.T).reshape(-1).tolist(),
    }


golden = {
    "numpy": np.__version__,
    "npy": files(),
    "refused": refused(),
    "whitening": whitening(),
}
path = pathlib.Path(__file__).with_name("data.json")
path.write_text(json.dumps(golden, indent=1) + "\n")
