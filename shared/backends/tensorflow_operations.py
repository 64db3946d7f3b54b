"""What TensorFlow's operations in a graph may do: compute. A SavedModel is a program, which may do as it likes.

A list of what networks of pictures are made of, not of what is bad: TensorFlow has more than a thousand operations that
read, write, wait, end the process or talk to others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.message import DecodeError
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from shared.errors import BundleError

_ARITHMETIC = """
    Abs Acos Add AddN AddV2 Asin Atan Atan2 BiasAdd Cast Ceil ClipByValue Cos Cosh Cumprod Cumsum Div DivNoNan Elu Equal
    Erf Exp Expm1 Floor FloorDiv FloorMod Greater GreaterEqual Igamma Igammac Inv IsFinite IsInf IsNan LeakyRelu Less
    LessEqual Lgamma Log Log1p LogicalAnd LogicalNot LogicalOr LogSoftmax Maximum Minimum Mod Mul MulNoNan Neg NextAfter
    NotEqual Polygamma Pow RealDiv Reciprocal Relu Relu6 Rint Round Rsqrt Select SelectV2 Selu Sigmoid Sign Sin Sinh
    Softmax Softplus Softsign Sqrt Square SquaredDifference Sub Tan Tanh TruncateDiv TruncateMod Xdivy Xlogy Zeta
"""
_PICTURES = """
    AdjustContrastv2 AdjustHue AdjustSaturation AvgPool AvgPool3D BatchToSpaceND Conv2D Conv2DBackpropInput Conv3D
    CropAndResize DepthToSpace DepthwiseConv2dNative Dilation2D ExtractImagePatches FusedBatchNorm FusedBatchNormV2
    FusedBatchNormV3 HSVToRGB ImageProjectiveTransformV3 LRN MaxPool MaxPoolV2 MaxPoolWithArgmax RGBToHSV ResizeArea
    ResizeBicubic ResizeBilinear ResizeNearestNeighbor ScaleAndTranslate SpaceToBatchND SpaceToDepth _FusedConv2D
    _FusedBatchNormEx _FusedMatMul
"""
_SHAPES = """
    All Any ArgMax ArgMin BatchMatMul BatchMatMulV2 BatchMatMulV3 BroadcastArgs BroadcastTo Bucketize Concat ConcatV2
    Const Diag DiagPart Einsum EnsureShape ExpandDims Fill Gather GatherNd GatherV2 Identity IdentityN InvertPermutation
    L2Loss LinSpace MatMul MatrixBandPart MatrixDiagV3 MatrixInverse MatrixSetDiagV3 Max Mean Min MirrorPad OneHot
    OnesLike Pack Pad PadV2 PreventGradient Prod Range Rank Reshape Reverse ReverseV2 ScatterNd SegmentMean SegmentSum
    Shape ShapeN Size Slice Split SplitV Squeeze StopGradient StridedSlice Sum Svd TensorScatterAdd TensorScatterUpdate
    Tile TopKV2 Transpose Unique UniqueV2 Unpack UnsortedSegmentSum Where ZerosLike
"""
_VARIABLES = """
    AssignAddVariableOp AssignSubVariableOp AssignVariableOp DisableCopyOnRead ReadVariableOp ResourceGather
    ResourceGatherNd VarHandleOp VarIsInitializedOp VariableShape
"""
_FLOW = """
    Arg Assert Case FakeParam If LoopCond Merge NoOp PartitionedCall Placeholder PlaceholderWithDefault Retval
    StatefulPartitionedCall StatelessCase StatelessIf StatelessWhile Switch While _Arg _Retval
"""
_CHANCE = """
    Multinomial RandomStandardNormal RandomUniform RandomUniformInt RngReadAndSkip StatefulStandardNormalV2
    StatefulUniform StatefulUniformInt StatelessRandomGetAlg StatelessRandomGetKeyCounter StatelessRandomNormalV2
    StatelessRandomUniformIntV2 StatelessRandomUniformV2 StatelessTruncatedNormalV2 TruncatedNormal
"""
_ALLOWED = frozenset(" ".join((_ARITHMETIC, _PICTURES, _SHAPES, _VARIABLES, _FLOW, _CHANCE)).split())
CHECKPOINT = frozenset(
    {"MergeV2Checkpoints", "RestoreV2", "SaveV2", "ShardedFilename", "StaticRegexFullMatch", "StringJoin"}
)
"""In every SavedModel, for its own variables; in what answers they have no business."""


def graphs_of(raw: bytes) -> list[Any]:
    """The graphs of a ``saved_model.pb``. Raises BundleError for one that is not whole."""
    saved = SavedModel()
    try:
        saved.ParseFromString(raw)
    except DecodeError as error:
        raise BundleError(f"saved_model.pb is not whole: {error}") from error
    return [graph.graph_def for graph in saved.meta_graphs]


def check_operations(graphs: Iterable[Any], more: frozenset[str] = frozenset()) -> None:
    """Raises BundleError for a ``GraphDef`` with an operation that is neither listed, nor among ``more``."""
    graphs = list(graphs)
    functions = {function.signature.name for graph in graphs for function in graph.library.function}
    if foreign := sorted(set(_names(graphs)) - _ALLOWED - more - functions):
        raise BundleError(f"the graph holds {foreign[0]}, which no network of pictures needs")


def _names(graphs: Iterable[Any]) -> Iterator[str]:
    for graph in graphs:
        yield from (node.op for node in graph.node)
        for function in graph.library.function:
            yield from (node.op for node in function.node_def)
