"""Whose word is taken for who the client is."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI, Request

from gateway.app import create_app
from gateway.gate import address_of
from tests.support.accounts import NO_REDIS, settings
from tests.support.people import signed_in
from tests.support.servers import raw_request, serving

CLIENT = "203.0.113.7"


def echo() -> FastAPI:
    """Answers with the address that it takes the client's for."""
    app = FastAPI()

    @app.get("/")
    async def answer(request: Request) -> str:
        return f"{request.url.scheme} {address_of(request.scope)}"

    return app


async def seen(*headers: str, trusted: tuple[str, ...] = ()) -> str:
    async with serving(echo(), trusted) as port:
        status, body = await raw_request(port, "/", headers)
    assert status == 200
    return body.strip('"')


@pytest.mark.parametrize("trusted", [(), ("10.0.0.0/8",), ("127.0.0.2",), ("::1",)], ids=str)
async def test_nobody_else_may_say_who_the_client_is(trusted: tuple[str, ...]) -> None:
    lies = [
        f"X-Forwarded-For: {CLIENT}",
        "X-Forwarded-Proto: https",
        f"X-Real-IP: {CLIENT}",
        f"Forwarded: for={CLIENT}",
    ]
    assert await seen(*lies, trusted=trusted) == "http 127.0.0.1"


@pytest.mark.parametrize("trusted", [("127.0.0.1",), ("127.0.0.0/8",), ("10.0.0.0/8", "127.0.0.1")], ids=str)
@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ([], "127.0.0.1"),
        ([f"X-Forwarded-For: {CLIENT}"], CLIENT),
        ([f"X-Forwarded-For: {CLIENT}:4711"], CLIENT),
        (["X-Forwarded-For: [2001:db8::1]:443"], "2001:db8::1"),
        # what the client says of itself stands before what the proxy says of it
        ([f"X-Forwarded-For: 127.0.0.1, {CLIENT}"], CLIENT),
        ([f"X-Forwarded-For: 192.0.2.1, admin, {CLIENT}"], CLIENT),
        (["X-Forwarded-For: 192.0.2.1", f"X-Forwarded-For: {CLIENT}"], CLIENT),
        # no other header counts
        ([f"X-Real-IP: {CLIENT}", f"Forwarded: for={CLIENT}"], "127.0.0.1"),
        (["X-Forwarded-For:"], "127.0.0.1"),
    ],
    ids=str,
)
async def test_a_trusted_proxy_says_it(trusted: tuple[str, ...], headers: list[str], address: str) -> None:
    assert await seen(*headers, trusted=trusted) == f"http {address}"


async def test_of_several_proxies_only_the_trusted_are_passed_over() -> None:
    chain = f"X-Forwarded-For: 192.0.2.1, {CLIENT}, 10.0.0.2"
    assert await seen(chain, trusted=("127.0.0.1", "10.0.0.0/8")) == f"http {CLIENT}"
    assert await seen(chain, trusted=("127.0.0.1",)) == "http 10.0.0.2"


async def test_a_trusted_proxy_says_that_it_was_https() -> None:
    assert await seen("X-Forwarded-Proto: https", trusted=("127.0.0.1",)) == "https 127.0.0.1"
    assert await seen("X-Forwarded-Proto: file", trusted=("127.0.0.1",)) == "http 127.0.0.1"


async def statuses(tmp_path: Path, trusted: tuple[str, ...]) -> list[int]:
    """Of requests that each say to come from another address, where an address has three a minute."""
    app = create_app(settings(NO_REDIS, tmp_path, trusted_proxies=trusted, rate_limit_ip="3/minute"))
    shown = f"Authorization: {signed_in()['Authorization']}"
    async with serving(app, trusted) as port:
        lies = [f"X-Forwarded-For: 198.51.100.{number}" for number in range(6)]
        return [(await raw_request(port, "/api/me", [shown, lie]))[0] for lie in lies]


async def test_a_lie_does_not_get_around_the_limit_of_an_address(tmp_path: Path) -> None:
    assert sorted(await statuses(tmp_path / "a", ())) == [200, 200, 200, 429, 429, 429]
    assert await statuses(tmp_path / "b", ("127.0.0.1",)) == [200] * 6


async def test_the_metrics_are_not_for_whoever_says_to_be_local(tmp_path: Path) -> None:
    async with serving(create_app(settings(NO_REDIS, tmp_path)), ("127.0.0.1",)) as port:
        assert (await raw_request(port, "/metrics"))[0] == 200
        for lie in (
            f"X-Forwarded-For: 127.0.0.1, {CLIENT}",
            "X-Forwarded-For: 127.0.0.1",
            f"X-Forwarded-For: {CLIENT}",
        ):
            assert (await raw_request(port, "/metrics", [lie]))[0] == 404
