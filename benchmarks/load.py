"""Makes load in a process of its own: ``python -m benchmarks.load`` reads a job as JSON a line, and answers in one.

Open loop: requests leave at fixed times whatever comes back, and their latency counts from the time they should have
left (no coordinated omission). Closed loop: each connection sends its next request when it has its answer.
Left on both cores: pinned to one, it was no steadier.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from dataclasses import asdict

import uvloop

from benchmarks.gateway_pictures import Pictures, noise_jpeg
from benchmarks.gateway_run import Job, Result, Run
from benchmarks.gateway_target import Target
from cli.plan import ROOT

_PICTURES = {"large": (224, 97), "small": (64, 93)}


class Load:
    """The process, from outside."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "benchmarks.load"]
        self._child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, target: Target, picture: str, seconds: float, rate: int | None = None) -> Result:
        """One block. Raises RuntimeError when more than one request in a hundred failed."""
        result = self._do(Job(target.port, target.path, target.token, picture, seconds, rate=rate))
        if result.failures > 0.01 * len(result.due_ms):
            raise RuntimeError(f"{target.name}: {result.failures} requests failed, the last with {result.failure}")
        return result

    def _do(self, job: Job) -> Result:
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
        self._child.stdin.flush()
        answer = self._child.stdout.readline()
        if not answer:
            raise RuntimeError("the maker of load has ended")
        return Result(**json.loads(answer))

    def close(self) -> None:
        self._child.terminate()
        self._child.wait()


async def _perform(job: Job, pictures: Pictures) -> Result:
    return await Run(job, pictures).run()


def main() -> None:
    pictures = {name: Pictures(noise_jpeg(*shape)) for name, shape in _PICTURES.items()}
    gc.collect()
    gc.freeze()
    gc.disable()
    for line in sys.stdin:
        job = Job(**json.loads(line))
        print(json.dumps(asdict(uvloop.run(_perform(job, pictures[job.picture])))), flush=True)


if __name__ == "__main__":
    main()
