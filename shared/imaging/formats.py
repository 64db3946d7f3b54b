"""Names and limits that need no image library, so that the gateway can use them too."""

from __future__ import annotations

JPEG = "JPEG"
PNG = "PNG"
DEFAULT_MAX_PIXELS = 40_000_000
