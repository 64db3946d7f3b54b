"""Pieces of JWTs by hand: what no library would agree to write, too."""

from __future__ import annotations

import base64
import json


def segment(value: object) -> str:
    """``value``, bytes or what becomes JSON, as one of the three parts."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
