"""The side behind the sandbox: ``python -m training.importing.worker SCRATCH MEMORY SECONDS STRICT READABLE…``.

Does the job in the scratch folder, and leaves a report there. Nothing of a user's file is opened before the sandbox is
closed, and no library is imported before either: a thread of theirs would stay outside.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

# found now, while the folder that they lie in can be listed
import services  # noqa: F401
import shared  # noqa: F401
from training.importing import sandbox

_MEMORY = "it needs more memory than it was given (--memory)"


def main(arguments: list[str]) -> int:
    scratch, memory, seconds, strict = (
        Path(arguments[0]),
        int(arguments[1]),
        int(arguments[2]),
        arguments[3] == "strict",
    )
    closed = sandbox.enter(scratch, readable=map(Path, arguments[4:]), memory_bytes=memory, seconds=seconds)
    if strict and closed.gaps:
        report: Any = {"refused": f"this machine cannot close off {' and '.join(closed.gaps)} for a pickle"}
    else:
        report = _report(scratch, closed)
    (scratch / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return 0


def _report(scratch: Path, closed: sandbox.Sandbox) -> Any:
    from shared.errors import DoctorAIError
    from training.importing.errors import Refused

    try:
        return _work(json.loads((scratch / "job.json").read_bytes()), scratch, closed)
    except Refused as error:
        return {"refused": str(error)}
    except DoctorAIError as error:
        return {"refused": error.detail}
    except ImportError as error:
        if "failed to map" in str(error):
            return {"refused": _MEMORY}
        return {"refused": f"{error}; to import this kind of model: pip install '.[tensorflow]', or make importer"}
    except MemoryError:
        return {"refused": _MEMORY}


def _work(raw: dict[str, Any], scratch: Path, closed: sandbox.Sandbox) -> Any:
    from training.importing.job import Job, ProofJob

    if raw["task"] == "prove":
        from training.importing.work_proof import prove

        return prove(ProofJob.model_validate(raw), scratch).model_dump(mode="json")
    report = _read(Job.model_validate(raw), scratch)
    gaps = tuple(f"this machine cannot close off {gap} while a model is read" for gap in closed.gaps)
    return report.model_copy(update={"notes": (*report.notes, *gaps)}).model_dump(mode="json")


def _read(job: Any, scratch: Path) -> Any:
    if job.kind in ("xgboost", "pickle"):
        from training.importing.work_trees import import_trees

        return import_trees(job, scratch)
    if job.kind == "checkpoint":
        from training.importing.checkpoint import served_files, try_out
        from training.importing.job import Report

        served_files(Path(job.file))
        return Report(runtime="torch", facts=try_out(Path(job.file)))
    from training.importing.work_network import import_network

    return import_network(job, scratch)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
