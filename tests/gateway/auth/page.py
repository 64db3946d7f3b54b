"""What the page asks of a gateway, as a browser would send it."""

from __future__ import annotations

import json
from http.cookies import Morsel, SimpleCookie

import httpx
from redis.asyncio import Redis

from tests.support.accounts import ADMIN_PASSWORD

PAGE = {"X-DoctorAI-Page": "1"}
START, NEXT = "/api/session", "/api/session/refresh"
NAME = "doctorai_session"


def cookie_of(answer: httpx.Response) -> Morsel[str]:
    """The one that ``answer`` sets."""
    (text,) = answer.headers.get_list("set-cookie")
    (found,) = SimpleCookie(text).values()
    assert found.key == NAME
    return found


async def sign_in(api: httpx.AsyncClient, name: str = "admin", password: str = ADMIN_PASSWORD) -> httpx.Response:
    api.cookies.clear()
    return await api.post(START, data={"username": name, "password": password}, headers=PAGE)


async def session(api: httpx.AsyncClient, name: str = "admin", password: str = ADMIN_PASSWORD) -> str:
    """The cookie of a new session."""
    answer = await sign_in(api, name, password)
    assert answer.status_code == 200, answer.text
    return cookie_of(answer).value


async def go_on(api: httpx.AsyncClient, cookie: str | None, **headers: str) -> httpx.Response:
    api.cookies.clear()
    shown = {"Cookie": f"{NAME}={cookie}"} if cookie is not None else {}
    return await api.post(NEXT, headers={**PAGE, **shown, **headers})


async def end(api: httpx.AsyncClient, cookie: str | None, **headers: str) -> httpx.Response:
    api.cookies.clear()
    shown = {"Cookie": f"{NAME}={cookie}"} if cookie is not None else {}
    return await api.delete(START, headers={**PAGE, **shown, **headers})


async def age(redis: Redis, seconds: float) -> None:
    """The only session was rotated that much earlier."""
    (key,) = await redis.keys("doctorai:session:*")
    kept = json.loads(await redis.get(key))
    await redis.set(key, json.dumps({**kept, "rotated": kept["rotated"] - seconds}), keepttl=True)


def is_cleared(answer: httpx.Response) -> bool:
    found = cookie_of(answer)
    return found.value == "" and found["max-age"] == "0" and found["path"] == START
