"""``python -m tests.support.killed_writers MODELS KILLS``: writers of ``serving.json``, each killed at some moment.

A process of its own, without threads: a writer is a fork of it. Meanwhile it reads without pause, and ends with a
traceback at the first thing that a reader must not see. Prints what it read, as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NoReturn

from shared.versions import Canary, Serving, read_serving, write_serving

CHOICES = (
    Serving(active="1.0.0"),
    Serving(active="1.1.0", previous="1.0.0", canary=Canary(version="1.2.0", share=0.1), shadow="1.3.0"),
)
_LONGEST_S = 0.03


def main(models: Path, kills: int) -> Counter[str]:
    """How often which choice was read, by its active version."""
    seen: Counter[str] = Counter()
    for _ in range(kills):
        writer = os.fork()
        if writer == 0:
            _write(models)
        try:
            _read(models, random.uniform(0, _LONGEST_S), seen)
        finally:
            os.kill(writer, signal.SIGKILL)
            _, status = os.waitpid(writer, 0)
        assert os.WIFSIGNALED(status), "the writer has ended by itself"
        _read(models, 0, seen)
    return seen


def _write(models: Path) -> NoReturn:
    try:
        while True:
            for choice in CHOICES:
                write_serving(models, "toy", choice)
    finally:
        os._exit(1)  # a fork must never go on as its parent


def _read(models: Path, seconds: float, seen: Counter[str]) -> None:
    end = time.monotonic() + seconds
    while True:
        found = read_serving(models, "toy")
        assert found in CHOICES, found
        seen[found.active] += 1
        if time.monotonic() >= end:
            return


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
