"""The connections to the services: aiohttp's, which cost a fifth of the time that httpx's client takes for a call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import httpx
from yarl import URL

from gateway.settings import GatewaySettings

_CONNECT_S = 1.0
_CONNECTIONS = 512
_IDLE_S = 4.0
"""Less than the five seconds after which a service closes an idle connection: the other way round, a request may meet
the end of one."""
_KEPT_URLS = 1000


class WireError(Exception):
    """The instance was not reached, or did not answer in HTTP. Says which, in a word."""


class Reply(Protocol):
    """What came back, whole."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def content(self) -> bytes: ...
    def json(self) -> Any: ...


class Wire(Protocol):
    """Sends a request and reads the answer to its end; raises WireError. How long that may take is the caller's."""

    async def exchange(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply: ...
    async def aclose(self) -> None: ...


def connect(settings: GatewaySettings) -> Wire:
    """The wire that the settings choose."""
    return HttpxWire() if settings.upstream_transport == "httpx" else AiohttpWire()


@dataclass(frozen=True)
class _Reply:
    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class AiohttpWire:
    """Keeps connections open for the next request."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}
        # the deadline is watched from outside, where an instance that is ejected ends its calls, too
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)

    async def exchange(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        session = self._session or self._open()
        try:
            async with session.request(
                method, self._url(url), headers=headers, data=content, timeout=self._timeout, allow_redirects=False
            ) as response:
                return _Reply(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, OSError) as error:
            raise WireError(type(error).__name__) from error

    async def aclose(self) -> None:
        if self._session:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # here, because a session belongs to the running loop
        connector = aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_IDLE_S)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def _url(self, url: str) -> URL:
        """Parsed once."""
        found = self._urls.get(url)
        if found is None:
            if len(self._urls) >= _KEPT_URLS:
                self._urls.clear()
            found = self._urls[url] = URL(url, encoded=True)
        return found


class HttpxWire:
    """httpx as it comes: what the benchmark compares with, and what a test puts a transport into."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        timeout = httpx.Timeout(None, connect=_CONNECT_S)
        self._client = httpx.AsyncClient(transport=transport, limits=limits, timeout=timeout, trust_env=False)

    async def exchange(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        try:
            return await self._client.request(method, url, headers=headers, content=content)
        except httpx.HTTPError as error:
            raise WireError(type(error).__name__) from error

    async def aclose(self) -> None:
        await self._client.aclose()
