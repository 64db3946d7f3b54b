"""A user's own language model for the chatbot: checked, tried out behind the sandbox, and copied to where it is found."""

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


def import_language_model(source: Path, models: Path, limits: Limits, sha256: str | None = None) -> tuple[Path, Report]:
    """Writes ``models/chatbot/<name of the folder>/``; it and what the model wrote. Raises Refused."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", source.name).strip("-") or "language-model"
    target = models / SERVICE / name
    if target.exists():
        raise Refused(f"{target} is there already; rename the folder, or remove that one")
    with scratch_folders(models) as (scratch, stage):
        taken = take(source, scratch, sha256)
        if taken.kind != "checkpoint":
            raise Refused(f"{source.name} is no language model: a folder with config.json and .safetensors is wanted")
        files = served_files(taken.path)
        kept = scratch / name
        kept.mkdir()
        for path in files:
            path.rename(kept / path.name)
        report = work(Job(kind="checkpoint", file=name, service=SERVICE, classes=0), scratch, limits)
        try:
            shutil.copytree(kept, stage / name)
            target.parent.mkdir(exist_ok=True)
            (stage / name).rename(target)
        except OSError as error:
            raise Refused(f"{target}: {error.strerror}") from error
    return target, report
