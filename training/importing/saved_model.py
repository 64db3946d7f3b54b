"""A TensorFlow SavedModel: a graph, which may read and write files. Its operations are looked through first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from training.importing.errors import Refused
from training.importing.network import Network, check_batch, check_outputs, check_shape

_SIGNATURE = "serving_default"
_FILES = re.compile(
    r"saved_model\.pb|fingerprint\.pb|keras_metadata\.pb|variables/variables\.(index|data-\d{5}-of-\d{5})"
)


def read_saved_model(folder: Path, classes: int, side: int | None) -> Network:
    """The ``serving_default`` signature of a folder. Raises Refused."""
    import tensorflow as tf

    from shared.backends.tensorflow_operations import CHECKPOINT, check_operations, graphs_of

    _check_files(folder)
    check_operations(graphs_of((folder / "saved_model.pb").read_bytes()), CHECKPOINT)
    try:
        model = tf.saved_model.load(str(folder))
    except Exception as error:
        # a damaged file may fail in any way, and what the library says of it is the reason
        raise Refused(f"TensorFlow cannot read it: {str(error).strip().splitlines()[0][:300]}") from error
    if _SIGNATURE not in model.signatures:
        raise Refused(f"the SavedModel has no signature {_SIGNATURE!r}, but {sorted(model.signatures)}")
    return _network(model, model.signatures[_SIGNATURE], classes, side)


def _network(model: Any, function: Any, classes: int, side: int | None) -> Network:
    from shared.backends.tensorflow_operations import check_operations

    # what answers, strictly: what keeps the variables' files is not for it, and it may be run where no sandbox is
    check_operations([function.graph.as_graph_def()])
    takes, gives = function.structured_input_signature[1], function.structured_outputs
    if len(takes) != 1 or len(gives) != 1:
        raise Refused(f"the signature takes {sorted(takes)} and gives {sorted(gives)}; one each is wanted")
    (name, spec), (output, answer) = next(iter(takes.items())), next(iter(gives.items()))
    check_outputs(tuple(answer.shape), classes)
    return Network(
        answer=lambda pictures: function(**{name: pictures})[output],
        shape=check_shape(tuple(spec.shape), side),
        keep=[model],
        batch=check_batch(spec.shape[0]),
        facts={"format": "TensorFlow SavedModel"},
    )


def _check_files(folder: Path) -> None:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or (path.is_file() and not _FILES.fullmatch(name)):
            raise Refused(f"the SavedModel holds {name!r}, which no model of pictures needs")
