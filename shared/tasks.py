"""Background tasks."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any


async def end_task(task: asyncio.Task[Any] | None) -> None:
    """Cancels ``task``, where there is one, and waits until it has ended. Raises what it ended with, if not that."""
    if task:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
