"""A user's ``.tflite``: the graph stays as it is; its end is named, and shares become logits.

Read with the schema's own reader, which checks no bounds: a damaged file is an error of Python's, or ends this process,
which is why it is another.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.importing.errors import Refused
from training.importing.network import Form, check_batch, check_outputs, check_shape

_SIGNATURE = "serving_default"
_LEAST = 1e-12


class Tflite:
    """The file as its author wrote it: ``shape`` of a picture, and its answers.

    ``outputs`` are those of its signature where one is called ``logits``: it can be served as it is.
    """

    def __init__(self, path: Path, classes: int, side: int | None) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._data = path.read_bytes()
        try:
            self._interpreter = Interpreter(model_content=self._data, num_threads=1)
            takes = self._interpreter.get_input_details()
            self.shape = _shape(takes, side)
            self._takes = takes[0]["index"]
            self._interpreter.resize_tensor_input(self._takes, (1, *self.shape))
            self._interpreter.allocate_tensors()
            self.outputs = self._named()
            gives = [self.outputs["logits"]] if self.outputs else self._interpreter.get_output_details()
        except (ValueError, RuntimeError) as error:
            raise Refused(f"LiteRT cannot read {path.name}: {str(error).splitlines()[0][:200]}") from error
        if len(gives) != 1 or gives[0]["dtype"] != np.float32:
            raise Refused(
                f"the model gives {len(gives)} outputs of {gives[0]['dtype'].__name__}; one of float32 is wanted"
            )
        self._gives = gives[0]["index"]
        check_outputs(tuple(self._interpreter.get_tensor(self._gives).shape), classes)

    def answer(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, h, w, 3) → (n, outputs), one after the other."""
        return np.concatenate([self._one(picture[None]) for picture in pictures])

    def _named(self) -> dict[str, Any]:
        for name in self._interpreter.get_signature_list():
            outputs: dict[str, Any] = self._interpreter.get_signature_runner(name).get_output_details()
            return outputs if "logits" in outputs else {}
        return {}

    def _one(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        self._interpreter.set_tensor(self._takes, picture)
        self._interpreter.invoke()
        return np.array(self._interpreter.get_tensor(self._gives), dtype=np.float32)

    @functools.cached_property
    def _parsed(self) -> tuple[Any, Any]:
        """The schema, and the file as its objects."""
        schema = _schema()
        return schema, schema.ModelT.InitFromPackedBuf(bytearray(self._data), 0)

    @property
    def form(self) -> Form | None:
        """Told by the last operation; None where it does not tell."""
        schema, model = self._parsed
        return _End(schema, model).form(int(model.subgraphs[0].outputs[0]))

    def served(self, form: Form) -> bytes:
        """The file with a signature that takes ``image`` and gives ``logits``. Raises Refused."""
        if self.outputs:
            return self._data
        import flatbuffers

        schema, model = self._parsed
        graph = model.subgraphs[0]
        given = int(graph.outputs[0])
        if form != "logits":
            given = _End(schema, model).logits(given, form)
        graph.outputs = [given]
        model.signatureDefs = [_signature(schema, int(graph.inputs[0]), given)]
        builder = flatbuffers.Builder(len(self._data) + 4096)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())


def _schema() -> Any:
    """The reader of the format that TensorFlow brings, without TensorFlow itself, which takes seconds to import."""
    found = importlib.util.find_spec("tensorflow")
    if found is None or found.origin is None:
        raise ImportError("TensorFlow is not installed")
    path = Path(found.origin).parent / "lite" / "python" / "schema_py_generated.py"
    spec = importlib.util.spec_from_file_location("schema_py_generated", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no {path.name} in this TensorFlow")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _shape(takes: list[dict[str, Any]], side: int | None) -> tuple[int, int, int]:
    """Of one picture. Raises Refused for what takes anything else."""
    if len(takes) != 1 or takes[0]["dtype"] != np.float32:
        raise Refused(f"the model takes {len(takes)} inputs of {takes[0]['dtype'].__name__}; one of float32 is wanted")
    taken = tuple(int(size) for size in takes[0].get("shape_signature", takes[0]["shape"]))
    check_batch(taken[0])
    shape = check_shape(taken, side)
    if shape[2] != 3:
        raise Refused(f"the model takes {taken}; pictures of three colours are wanted")
    return shape


class _End:
    """The end of the file's graph, as the schema's objects."""

    def __init__(self, schema: Any, model: Any) -> None:
        self._schema, self._model, self._graph = schema, model, model.subgraphs[0]

    def form(self, given: int) -> Form | None:
        kinds = self._schema.BuiltinOperator
        ends: dict[int, Form] = {kinds.SOFTMAX: "softmax", kinds.LOGISTIC: "sigmoid", kinds.FULLY_CONNECTED: "logits"}
        return ends.get(self._last(given)[0])

    def logits(self, given: int, form: Form) -> int:
        """The tensor of logits behind ``given``: what goes into its softmax or sigmoid, else the shares' logarithm.

        Raises Refused for a sigmoid that the graph does not end in.
        """
        kinds = self._schema.BuiltinOperator
        kind, taken = self._last(given)
        if kind == {"softmax": kinds.SOFTMAX, "sigmoid": kinds.LOGISTIC}[form] and self._is_float(taken):
            return taken
        if form == "sigmoid":
            raise Refused("the model gives one number from 0 to 1, but not from a sigmoid at its end")
        least = self._tensor([1], np.array([_LEAST], dtype=np.float32).tobytes())
        return self._append(kinds.LOG, [self._append(kinds.MAXIMUM, [given, least])])

    def _last(self, given: int) -> tuple[int, int]:
        """The operation that gives a tensor, and the first tensor that it takes."""
        for operator in self._graph.operators:
            if given in [int(output) for output in operator.outputs]:
                code = self._model.operatorCodes[operator.opcodeIndex]
                return max(int(code.builtinCode), int(code.deprecatedBuiltinCode)), int(operator.inputs[0])
        return -1, -1

    def _is_float(self, tensor: int) -> bool:
        return bool(self._graph.tensors[int(tensor)].type == self._schema.TensorType.FLOAT32)

    def _append(self, kind: int, inputs: list[int]) -> int:
        code, operator = self._schema.OperatorCodeT(), self._schema.OperatorT()
        code.builtinCode = code.deprecatedBuiltinCode = kind
        code.version = 1
        self._model.operatorCodes.append(code)
        operator.opcodeIndex = len(self._model.operatorCodes) - 1
        operator.inputs, operator.outputs = inputs, [self._tensor(self._graph.tensors[inputs[0]].shape)]
        self._graph.operators.append(operator)
        return int(operator.outputs[0])

    def _tensor(self, shape: Any, data: bytes = b"") -> int:
        tensor, buffer = self._schema.TensorT(), self._schema.BufferT()
        if data:
            buffer.data = np.frombuffer(data, dtype=np.uint8)
        self._model.buffers.append(buffer)
        tensor.shape, tensor.type, tensor.name = shape, self._schema.TensorType.FLOAT32, b"added"
        tensor.buffer = len(self._model.buffers) - 1
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1


def _signature(schema: Any, taken: int, given: int) -> Any:
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = _SIGNATURE, 0
    signature.inputs, signature.outputs = [_name(schema, "image", taken)], [_name(schema, "logits", given)]
    return signature


def _name(schema: Any, name: str, tensor: int) -> Any:
    entry = schema.TensorMapT()
    entry.name, entry.tensorIndex = name, tensor
    return entry
