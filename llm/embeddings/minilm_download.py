"""Conversion of the weights of all-MiniLM-L6-v2 to an ONNX file: BERT with six layers, twelve heads and GELU.

Devlin et al., BERT (2018); Wang et al., MiniLM (2020).
"""

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, checker, helper, numpy_helper, save_model

LAYERS, HEADS, WIDTH = 6, 12, 384
EPSILON = 1e-12
_OPSET = 17


class Drawing:
    """Builder of an ONNX graph: each call adds one node or constant and returns the name of its output."""

    def __init__(self, weights: dict[str, NDArray[np.float32]]) -> None:
        self._weights = weights
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, name: str, value: Any) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def weight(self, name: str, *, turned: bool = False) -> str:
        values = self._weights[name]
        return self.constant(name, values.T if turned else values)

    def dense(self, inputs: str, name: str) -> str:
        product = self.add("MatMul", inputs, self.weight(f"{name}.weight", turned=True))
        return self.add("Add", product, self.weight(f"{name}.bias"))

    def normed(self, inputs: str, name: str) -> str:
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.add("LayerNormalization", inputs, scale, bias, axis=-1, epsilon=EPSILON)


def write_model(weights: Path, target: Path) -> None:
    """Write the ONNX file `target` atomically from the safetensors file `weights`."""
    drawing = Drawing(read_weights(weights))
    hidden, penalty = _embedded(drawing), _penalty(drawing)
    for layer in range(LAYERS):
        hidden = _layer(drawing, hidden, penalty, f"encoder.layer.{layer}")
    drawing.nodes.append(helper.make_node("Identity", [hidden], ["hidden"]))
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in ("ids", "mask")]
    output = helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["batch", "length", WIDTH])
    graph = helper.make_graph(drawing.nodes, "minilm", inputs, [output], list(drawing.constants.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)
    checker.check_model(model)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    save_model(model, str(partial))
    partial.replace(target)


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return the float32 tensors of a safetensors file (header length, JSON header, data), by name."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header, body = json.loads(raw[8 : 8 + length]), memoryview(raw)[8 + length :]
    return {
        name: np.frombuffer(body[slice(*about["data_offsets"])], np.float32).reshape(about["shape"])
        for name, about in header.items()
        if name != "__metadata__" and about["dtype"] == "F32"
    }


def _embedded(drawing: Drawing) -> str:
    """Add the normalized sum of word, position and token type embeddings."""
    words = drawing.add("Gather", drawing.weight("embeddings.word_embeddings.weight"), "ids")
    length = drawing.add("Shape", "ids", start=1, end=2)
    zero, places = drawing.constant("zero", np.array([0])), drawing.weight("embeddings.position_embeddings.weight")
    positions = drawing.add("Slice", places, zero, length, zero)
    kind = drawing.constant("kind", drawing._weights["embeddings.token_type_embeddings.weight"][0])
    whole = drawing.add("Add", drawing.add("Add", words, positions), kind)
    return drawing.normed(whole, "embeddings.LayerNorm")


def _penalty(drawing: Drawing) -> str:
    """Add the attention mask: a large negative number for each padding token, else zero."""
    mask = drawing.add("Cast", "mask", to=TensorProto.FLOAT)
    absent = drawing.add("Sub", drawing.constant("one", np.float32(1)), mask)
    large = drawing.add("Mul", absent, drawing.constant("large", np.float32(-1e4)))
    return drawing.add("Unsqueeze", large, drawing.constant("axes", np.array([1, 2])))


def _layer(drawing: Drawing, hidden: str, penalty: str, name: str) -> str:
    attended = drawing.dense(_attended(drawing, hidden, penalty, name), f"{name}.attention.output.dense")
    hidden = drawing.normed(drawing.add("Add", attended, hidden), f"{name}.attention.output.LayerNorm")
    inner = drawing.dense(hidden, f"{name}.intermediate.dense")
    outer = drawing.dense(_gelu(drawing, inner), f"{name}.output.dense")
    return drawing.normed(drawing.add("Add", outer, hidden), f"{name}.output.LayerNorm")


def _attended(drawing: Drawing, hidden: str, penalty: str, name: str) -> str:
    heads = drawing.constant("heads", np.array([0, 0, HEADS, WIDTH // HEADS]))
    parts = [drawing.dense(hidden, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
    split = [drawing.add("Reshape", part, heads) for part in parts]
    orders = ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
    query, key, value = (drawing.add("Transpose", p, perm=o) for p, o in zip(split, orders, strict=True))
    scale = drawing.constant("scale", np.float32(1 / math.sqrt(WIDTH // HEADS)))
    scores = drawing.add("Mul", drawing.add("MatMul", query, key), scale)
    shares = drawing.add("Softmax", drawing.add("Add", scores, penalty), axis=-1)
    mixed = drawing.add("Transpose", drawing.add("MatMul", shares, value), perm=[0, 2, 1, 3])
    return drawing.add("Reshape", mixed, drawing.constant("width", np.array([0, 0, WIDTH])))


def _gelu(drawing: Drawing, inputs: str) -> str:
    scaled = drawing.add("Mul", inputs, drawing.constant("root", np.float32(1 / math.sqrt(2))))
    raised = drawing.add("Add", drawing.add("Erf", scaled), drawing.constant("one", np.float32(1)))
    return drawing.add("Mul", drawing.add("Mul", inputs, raised), drawing.constant("half", np.float32(0.5)))
