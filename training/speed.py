"""Measures what one prediction costs inside a service: time with and without the gate and explained, and memory.

Each bundle has a process of its own, so that its memory is its own, too. Kinds of call are timed in blocks in turn, so
that a slow moment of the machine hits all of them.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from shared.bundle import Bundle, find_bundle, open_bundle, write_manifest
from shared.cgroup import worker_count
from training.dataset import service_definition, split_files

ROUNDS = 200
_WARM_UP = 20
_BLOCK = 10
_CPU = Path("/proc/cpuinfo")
Call = Callable[[bytes], object]


def measure_speed(
    folders: dict[str, Path], models: Path, rounds: int = ROUNDS, log: Callable[[str], None] = print
) -> None:
    """Puts ``metrics.speed`` into the newest bundle of each service; ``folders``: service → its labelled pictures."""
    for service, folder in folders.items():
        root = find_bundle(models, service)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found = pool.submit(speed, service, root, folder, rounds).result()
        manifest = open_bundle(root).manifest
        write_manifest(root, manifest.model_copy(update={"metrics": manifest.metrics | {"speed": found}}))
        log(f"{service}: {found}")


def speed(service: str, root: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """Plain numbers of one bundle on pictures of ``folder/test``, in this process."""
    bundle, definition = open_bundle(root), service_definition(service)
    uploads = [path.read_bytes() for path, _ in split_files(folder, "test", definition)]
    memory = _Memory()
    with ExitStack() as stack:
        calls = _calls(stack, bundle, service, memory, uploads[0])
        times = timed(calls, uploads, rounds)
    return {
        **{name: found.to_dict() for name, found in times.items()},
        "gate_ratio": _ratio(times, "with_gate", "without_gate"),
        "explain_ratio": _ratio(times, "explained", "with_gate"),
        "memory_mb": memory.after,
        "bundle_memory_mb": round(memory.after - memory.before, 1),
        "predictions": rounds,
        **machine(),
    }


@dataclass
class Times:
    """Milliseconds of each call: on the clock, and of all processors together, which other work disturbs less."""

    clock: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, call: Call, data: bytes) -> None:
        cpu, started = time.process_time(), time.perf_counter()
        call(data)
        self.clock.append((time.perf_counter() - started) * 1000)
        self.cpu.append((time.process_time() - cpu) * 1000)

    def to_dict(self) -> dict[str, float]:
        p50, p95 = np.percentile(self.clock, [50, 95])
        return {
            "p50_ms": round(float(p50), 1),
            "p95_ms": round(float(p95), 1),
            "cpu_ms": round(float(np.median(self.cpu)), 1),
        }


def timed(calls: dict[str, Call], uploads: Sequence[bytes], rounds: int) -> dict[str, Times]:
    """``rounds`` of each kind of call, in blocks in turn, on the same pictures."""
    times = {name: Times() for name in calls}
    for start in range(-_WARM_UP, rounds, _BLOCK):
        for name, call in calls.items():
            for at in range(start, min(start + _BLOCK, rounds)):
                (times[name] if at >= 0 else Times()).add(call, uploads[at % len(uploads)])
    return times


def machine() -> dict[str, Any]:
    """Where and when: what a time is worth nothing without."""
    return {
        "machine": f"{_processor()}, {platform.machine()}",
        "cores": worker_count(),
        "busy": round(os.getloadavg()[0], 1),
        "date": datetime.now(UTC).date().isoformat(),
    }


class _Memory:
    """Resident megabytes of this process before and after the bundle was loaded and asked once."""

    def __init__(self) -> None:
        self.before = self.after = _resident()

    def loaded(self) -> None:
        self.after = _resident()


def _calls(stack: ExitStack, bundle: Bundle, service: str, memory: _Memory, first: bytes) -> dict[str, Call]:
    # imported here: whatever it loads is a part of what the bundle needs
    from shared.inference.predictor import Sample
    from training.worker import SIGNATURE, predictor

    gated = stack.enter_context(predictor(bundle, service))
    _answered(gated([Sample(SIGNATURE, first)]))
    memory.loaded()
    bare = stack.enter_context(predictor(ungated(bundle), service))
    return {
        "with_gate": lambda data: _answered(gated([Sample(SIGNATURE, data)])),
        "without_gate": lambda data: _answered(bare([Sample(SIGNATURE, data)])),
        "explained": lambda data: _answered(gated([Sample(SIGNATURE, data, explain=True)])),
    }


def ungated(bundle: Bundle) -> Bundle:
    """The same bundle as if it had no gate."""
    manifest = bundle.manifest
    signatures = {name: one.model_copy(update={"guard": None}) for name, one in manifest.signatures.items()}
    return replace(bundle, manifest=manifest.model_copy(update={"signatures": signatures}))


def _answered(answers: Sequence[object]) -> None:
    """A picture that fails at once must not count as a fast one."""
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer


def _ratio(times: dict[str, Times], name: str, other: str) -> float:
    return round(float(np.median(times[name].clock) / np.median(times[other].clock)), 2)


def _resident() -> float:
    return round(psutil.Process().memory_info().rss / 1e6, 1)


def _processor() -> str:
    """The processor's name, without what it says of its own speed."""
    lines = _CPU.read_text(encoding="utf-8").splitlines() if _CPU.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0].partition(" @")[0] if names else platform.processor() or "unknown processor"
