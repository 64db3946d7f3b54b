"""A uvicorn server that says goodbye before it stops listening."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from shared.http.protocol import BoundedHttp
from shared.logs import get_logger

_log = get_logger(__name__)


def server_config(
    app: ASGIApp, host: str, port: int, drain_s: float, trusted_proxies: Sequence[str] = ()
) -> uvicorn.Config:
    """One process, our own log lines, at most ``drain_s`` seconds for requests in flight when it stops.

    Only what comes from ``trusted_proxies`` (addresses, networks) may say in X-Forwarded-* who the client is.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="shared.http.loop:Loop",
        http=BoundedHttp,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_graceful_shutdown=max(1, int(drain_s)),
    )


class GracefulServer(uvicorn.Server):
    """On the first SIGTERM or SIGINT: ``before_stop``, then ``linger_s`` seconds in which callers that had not heard
    of it are still served, then uvicorn's own drain. A second signal ends the waiting, a third the drain.
    """

    def __init__(self, config: uvicorn.Config, before_stop: Callable[[], Awaitable[None]], linger_s: float) -> None:
        super().__init__(config)
        self._before_stop = before_stop
        self._linger_s = linger_s
        self._stopping: asyncio.Future[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._stopping is not None:
            self.force_exit = self.should_exit
            self.should_exit = True
            return
        loop = asyncio.get_running_loop()
        self._stopping = loop.create_future()
        # a signal handler may run in the middle of anything: only note it here
        loop.call_soon_threadsafe(self._begin_stop, sig)

    def _begin_stop(self, sig: int) -> None:
        _log.info("stopping", signal=sig)
        self._stopping = asyncio.ensure_future(self._stop())

    async def _stop(self) -> None:
        try:
            await self._before_stop()
            await asyncio.sleep(self._linger_s)
        finally:
            # not uvicorn's own handler: that raises the signal again, and a clean stop would end with an error code
            self.should_exit = True
