"""Plots over HTTP: SVGs that run no script and load nothing, whoever drew them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response

from shared.manifest import Version
from shared.plots import NAME

PlotName = Annotated[str, Path(pattern=NAME, examples=["confusion"])]
OfVersion = Annotated[Version | None, Query(description="only of this version: the card's")]
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""An SVG is styled inline."""


class Svg(Response):
    media_type = "image/svg+xml"

    def __init__(self, content: bytes | None = None, status_code: int = 200) -> None:
        super().__init__(content, status_code, {"Content-Security-Policy": POLICY})
