"""``python -m shared.audit.check FOLDER``: verifies a log beside a running gateway, and steps back for it.

The keys come on standard input, JSON, id → hexadecimal: others could read arguments and the environment. The report
goes to standard output, JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.audit.verify import verify

UNREADABLE = "the audit log cannot be read"
_WORK_S, _REST_S = 0.02, 0.04


def main() -> None:
    """Ends with one line when the log cannot be read."""
    keys = {name: bytes.fromhex(key) for name, key in json.load(sys.stdin).items()}
    try:
        with _stepping_back():
            report = verify(Path(sys.argv[1]), keys)
    except OSError as error:
        sys.exit(f"{UNREADABLE}: {error}")
    sys.stdout.write(report.model_dump_json())


@contextmanager
def _stepping_back() -> Iterator[None]:
    """Takes a third of a core at most. The low priority is not enough: a container that has used up its share of the
    CPU is stopped as a whole, and the gateway with it."""
    os.nice(19)
    signal.signal(signal.SIGPROF, lambda *_: time.sleep(_REST_S))
    signal.setitimer(signal.ITIMER_PROF, _WORK_S, _WORK_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)  # while Python ends nobody answers the signal, and it kills


if __name__ == "__main__":
    main()
