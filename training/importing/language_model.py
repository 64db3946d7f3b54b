"""A user's own language model for the chatbot: checked, tried out behind the sandbox, copied to where it is found."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from training.importing.checkpoint import served_files
from training.importing.child import Limits, work
from training.importing.errors import Refused
from training.importing.importer import scratch_folders
from training.importing.job import Job, Report
from training.importing.sources import take

SERVICE = "chatbot"


def place(source: Path, models: Path) -> Path:
    """Where the folder comes to lie."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", source.name).strip("-")
    return models / SERVICE / (name or "language-model")


def import_language_model(source: Path, models: Path, limits: Limits, sha256: str | None = None) -> tuple[Path, Report]:
    """Writes ``models/chatbot/<name of the folder>/``; it and what the model wrote. Raises Refused."""
    target = place(source, models)
    if target.exists():
        raise Refused(f"{target} is there already; rename the folder, or remove that one")
    with scratch_folders(models) as (scratch, stage):
        taken = take(source, scratch, sha256)
        if taken.kind != "checkpoint":
            raise Refused(f"{source.name} is no language model: a folder with config.json and .safetensors is wanted")
        files = served_files(taken.path)
        kept = stage / target.name  # where the worker can read, but not write
        try:
            kept.mkdir()
            for path in files:
                shutil.copy(path, kept)
            job = Job(kind="checkpoint", file=str(kept), service=SERVICE, classes=0)
            report = work(job, scratch, limits, Report, readable=[kept])
            target.parent.mkdir(exist_ok=True)
            kept.rename(target)
        except OSError as error:
            raise Refused(f"{target}: {error.strerror}") from error
    return target, report
