"""What TensorFlow's operations in a graph may do: compute, keep variables, draw numbers; nothing outside of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from training.importing.errors import Refused

CHECKPOINT = frozenset({"SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename"})
"""In every SavedModel, for its own variables; in what answers they have no business."""
_HARMLESS_STATE = re.compile(
    r"(Read|Assign|AssignAdd|AssignSub|VarIsInitialized|Destroy)?Variable(Op|Shape|V2)?|VarHandleOp|VarIsInitializedOp|"
    r"DisableCopyOnRead|ResourceGather(Nd)?|StatefulPartitionedCall|If|While|Case|Assert|Placeholder|"
    r"Random\w+|Stateful(Uniform|StandardNormal|Random)\w*|RngReadAndSkip|RngSkip|Multinomial|TruncatedNormal|NoOp"
)
_REACHES_OUT = re.compile(r"File|PyFunc|ImmutableConst|Proto|Checkpoint|Collective|Copy(Host)?$|Debug|Remote|Send|Recv")


def check_operations(graphs: Iterable[Any], allowed: frozenset[str] = frozenset()) -> None:
    """Raises Refused for a ``GraphDef`` with an operation that reaches out, or that this TensorFlow does not know."""
    from tensorflow.python.framework import op_def_registry

    functions = {function.signature.name for graph in graphs for function in graph.library.function}
    for name in sorted(set(_names(graphs)) - allowed - functions):
        known = op_def_registry.get(name)
        if known is None or _REACHES_OUT.search(name) or (known.is_stateful and not _HARMLESS_STATE.fullmatch(name)):
            raise Refused(f"the model's graph reaches out of the model: {name}")


def _names(graphs: Iterable[Any]) -> Iterator[str]:
    for graph in graphs:
        yield from (node.op for node in graph.node)
        for function in graph.library.function:
            yield from (node.op for node in function.node_def)
