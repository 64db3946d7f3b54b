"""``python -m shared.audit.check FOLDER``: verifies a log beside a running gateway, and steps back for it.

The keys come on standard input, JSON, id → hexadecimal: others could read arguments and the environment. The report
goes to standard output, JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from shared.audit.verify import verify


def main() -> None:
    """Ends with one line when the log cannot be read."""
    os.nice(19)
    keys = {name: bytes.fromhex(key) for name, key in json.load(sys.stdin).items()}
    try:
        report = verify(Path(sys.argv[1]), keys)
    except OSError as error:
        sys.exit(f"the audit log cannot be read: {error}")
    sys.stdout.write(report.model_dump_json())


if __name__ == "__main__":
    main()
