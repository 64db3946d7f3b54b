"""Where the gateway's time goes: the gateway in this process under cProfile, the load from another one.

cProfile makes each Python call dearer: read it for what is called and how often, and measure what a change brings
with ``benchmarks.gateway``. Settings that the benchmark leaves alone come from the environment.
"""

from __future__ import annotations

import asyncio
import cProfile
import os
import pstats
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, closing, redirect_stderr
from pathlib import Path

import uvicorn
import uvloop

from benchmarks.gateway_processes import stand
from benchmarks.gateway_target import Target, ready_target
from benchmarks.load import Load
from cli.plan import free_ports
from gateway.app import create_app
from gateway.settings import GatewaySettings
from shared.http.server import server_config
from shared.logs import configure_logging
from shared.settings import load_settings

_LINES = 40
Profiles = dict[str, tuple[cProfile.Profile, int]]
"""Picture → profile, and the number of requests that it is of."""


def main(seconds: int) -> None:
    """``seconds`` of small pictures, then as many of large ones, each with its profile."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = stack.enter_context(stand(folder))
        load = stack.enter_context(closing(Load()))
        (port,) = free_ports(1)
        os.environ.update(place.environment(port))
        with (folder / "gateway.log").open("w") as log, redirect_stderr(log):
            profiles = uvloop.run(_profiles(port, load, seconds))
    for picture, (profile, count) in profiles.items():
        _report(picture, profile, count)


async def _profiles(port: int, load: Load, seconds: int) -> Profiles:
    async with _gateway(port):
        password = os.environ["ADMIN_PASSWORD"]
        target = await asyncio.to_thread(ready_target, "profiled", port, os.getpid(), password)
        return {picture: await _profile(load, target, picture, seconds) for picture in ("small", "large")}


@asynccontextmanager
async def _gateway(port: int) -> AsyncIterator[None]:
    """Serves in this event loop, as ``python -m gateway`` does in its own."""
    settings = load_settings(GatewaySettings)
    configure_logging(settings.log_level)
    server = uvicorn.Server(server_config(create_app(settings), settings.api_host, port, settings.drain_seconds))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.05)
    yield
    server.should_exit = True
    await serving


async def _profile(load: Load, target: Target, picture: str, seconds: int) -> tuple[cProfile.Profile, int]:
    """Of this thread alone."""
    profile = cProfile.Profile()
    loading = asyncio.create_task(asyncio.to_thread(load.run, target, picture, seconds))
    profile.enable()
    try:
        return profile, (await loading).total
    finally:
        profile.disable()


def _report(picture: str, profile: cProfile.Profile, count: int) -> None:
    print(f"## Gateway profile: {count} requests with the {picture} picture\n")
    for order in ("tottime", "cumulative"):
        pstats.Stats(profile).sort_stats(order).print_stats(_LINES)
