"""Requests byte by byte, as no proper client would send them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """What came back until the connection ended, or until nothing more came."""

    data: bytes
    ended: bool

    @property
    def status(self) -> int:
        """Of the first answer; 0 when there was none."""
        return int(self.data.split(b" ", 2)[1]) if self.data.startswith(b"HTTP/1.1 ") else 0

    @property
    def answers(self) -> int:
        return self.data.count(b"HTTP/1.1 ")


async def exchange(port: int, *parts: str | bytes, patience_s: float = 1.0) -> Said:
    """Sends ``parts`` one after the other, and reads for as long as anything comes within ``patience_s``."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part.encode("latin-1") if isinstance(part, str) else part)
            await writer.drain()
        return await _read(reader, patience_s)
    except OSError:
        return Said(b"", ended=True)
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader, patience_s: float) -> Said:
    data = b""
    try:
        while True:
            async with asyncio.timeout(patience_s):
                piece = await reader.read(65536)
            if not piece:
                return Said(data, ended=True)
            data += piece
    except TimeoutError:
        return Said(data, ended=False)
    except OSError:
        return Said(data, ended=True)
