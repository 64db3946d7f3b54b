"""Sessions of the page: a refresh token in a cookie that the browser keeps to itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from gateway.app import create_app
from tests.gateway.auth.page import NAME, NEXT, PAGE, START, age, cookie_of, end, go_on, is_cleared, session, sign_in
from tests.support.accounts import ADMIN_PASSWORD, NO_REDIS, PASSWORD, add_user, bearer, gateway, refresh, status
from tests.support.accounts import settings as settings_of
from tests.support.apps import running
from tests.support.processes import RedisServer
from tests.support.servers import serving


@pytest.fixture(autouse=True)
def _nothing_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Redis said is asked for again with every request."""
    monkeypatch.setattr("gateway.auth.authenticator.BELIEVED_S", 0.0)


async def test_a_sign_in_gives_a_token_and_a_cookie(api: httpx.AsyncClient) -> None:
    answer = await sign_in(api)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("bearer", 1800)
    cookie = cookie_of(answer)
    assert cookie.value not in answer.text
    assert (cookie["httponly"], cookie["samesite"].lower(), cookie["path"]) == (True, "strict", START)
    assert (cookie["secure"], cookie["max-age"], cookie["expires"], cookie["domain"]) == ("", "", "", "")
    assert await status(api, bearer(answer.json()["access_token"])) == 200


async def test_over_https_it_is_for_https_alone(api: httpx.AsyncClient) -> None:
    api.base_url = httpx.URL("https://test")
    answer = await sign_in(api)
    assert cookie_of(answer)["secure"] is True
    first = cookie_of(answer).value
    assert cookie_of(await go_on(api, first))["secure"] is True
    assert cookie_of(await go_on(api, "garbage"))["secure"] is True
    assert cookie_of(await end(api, first))["secure"] is True


@pytest.mark.parametrize(("trusted", "secure"), [(("127.0.0.1",), True), ((), "")], ids=str)
async def test_a_proxys_word_for_https_counts_where_it_is_trusted(
    redis_server: RedisServer, tmp_path: Path, quick_hashes: None, trusted: tuple[str, ...], secure: bool | str
) -> None:
    app = create_app(settings_of(redis_server.url, tmp_path, trusted_proxies=trusted))
    async with serving(app, trusted) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as api:
        api.headers["X-Forwarded-Proto"] = "https"
        assert cookie_of(await sign_in(api))["secure"] == secure


async def test_each_refresh_gives_the_next(api: httpx.AsyncClient) -> None:
    cookie, seen = await session(api), set[str]()
    for _ in range(3):
        answer = await go_on(api, cookie)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
        cookie = cookie_of(answer).value
        seen |= {cookie, answer.json()["access_token"]}
        assert await status(api, bearer(answer.json()["access_token"])) == 200
    assert len(seen) == 6


async def test_the_cookie_alone_opens_nothing_else(api: httpx.AsyncClient) -> None:
    cookie = await session(api)
    shown = {"Cookie": f"{NAME}={cookie}", **PAGE}
    for path in ("/api/me", "/api/users", "/api/page", "/api/models"):
        assert await status(api, shown, path) == 401
    assert (await api.post("/api/logout", headers=shown)).status_code == 401
    assert (await api.post("/api/token/refresh", headers=shown)).status_code == 422


@pytest.mark.parametrize("count", [2, 5])
async def test_tabs_that_refresh_at_once_all_go_on(api: httpx.AsyncClient, count: int) -> None:
    cookie = await session(api)
    answers = await asyncio.gather(*(go_on(api, cookie) for _ in range(count)))
    assert [answer.status_code for answer in answers] == [200] * count
    for answer in answers:
        assert await status(api, bearer(answer.json()["access_token"])) == 200
    # whichever answer the browser takes last, it has the cookie that is good
    (following,) = {cookie_of(answer).value for answer in answers}
    assert following != cookie
    assert (await go_on(api, following)).status_code == 200


async def test_an_answer_that_never_came_ends_no_session(api: httpx.AsyncClient, redis: Redis) -> None:
    """A page that is loaded again while it refreshes: the first answer, and its cookie, are lost."""
    cookie = await session(api)
    await go_on(api, cookie)
    await age(redis, 9)
    again = await go_on(api, cookie)
    assert again.status_code == 200
    assert (await go_on(api, cookie_of(again).value)).status_code == 200


async def test_the_grace_is_not_longer_for_being_used(api: httpx.AsyncClient, redis: Redis) -> None:
    cookie = await session(api)
    await go_on(api, cookie)
    await age(redis, 6)
    assert (await go_on(api, cookie)).status_code == 200
    await age(redis, 6)
    assert (await go_on(api, cookie)).status_code == 401


async def test_a_second_use_after_the_grace_ends_the_session(api: httpx.AsyncClient, redis: Redis) -> None:
    first = await session(api)
    answer = await go_on(api, first)
    await age(redis, 11)
    refused = await go_on(api, first)
    assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHORIZED")
    assert is_cleared(refused)
    assert (await go_on(api, cookie_of(answer).value)).status_code == 401
    assert await status(api, bearer(answer.json()["access_token"])) == 401


async def test_the_grace_is_for_the_newest_but_one_only(api: httpx.AsyncClient) -> None:
    first = await session(api)
    second = cookie_of(await go_on(api, first)).value
    third = cookie_of(await go_on(api, second)).value
    assert (await go_on(api, second)).status_code == 200
    assert (await go_on(api, first)).status_code == 401
    assert (await go_on(api, third)).status_code == 401


async def test_a_refresh_token_has_no_grace(api: httpx.AsyncClient) -> None:
    cookie = await session(api)
    following = cookie_of(await go_on(api, cookie)).value
    assert (await refresh(api, cookie)).status_code == 401
    assert (await go_on(api, following)).status_code == 401


@pytest.mark.parametrize("value", [None, "", "garbage", "dar_", f"dar_{'0' * 32}_{'x' * 43}", "x" * 8000])
async def test_without_a_good_cookie_there_is_no_token(api: httpx.AsyncClient, value: str | None) -> None:
    refused = await go_on(api, value)
    assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHORIZED")
    assert is_cleared(refused) if value is not None else "set-cookie" not in refused.headers


async def test_a_session_that_has_expired_is_over(api: httpx.AsyncClient, redis: Redis) -> None:
    cookie = await session(api)
    (key,) = await redis.keys("doctorai:session:*")
    assert 6.9 * 86400 < await redis.ttl(key) <= 7 * 86400
    await redis.delete(key)
    refused = await go_on(api, cookie)
    assert refused.status_code == 401
    assert is_cleared(refused)


@pytest.mark.parametrize("change", [{"disabled": True}, {"password": "an altogether new one"}, None], ids=str)
async def test_what_is_done_to_the_account_ends_it(
    api: httpx.AsyncClient, admin: dict[str, str], change: dict[str, object] | None
) -> None:
    user = await add_user(api, admin, "somebody")
    used, cookie = await session(api, "somebody", PASSWORD), await session(api, "somebody", PASSWORD)
    following = cookie_of(await go_on(api, used)).value
    path = f"/api/users/{user['id']}"
    await (api.patch(path, json=change, headers=admin) if change else api.delete(path, headers=admin))
    for one in (cookie, used, following):  # also one that is in its grace
        refused = await go_on(api, one)
        assert refused.status_code == 401
        assert is_cleared(refused)


async def test_signing_out_ends_all_of_it(api: httpx.AsyncClient) -> None:
    answer, other = await sign_in(api), await session(api)
    cookie = cookie_of(answer).value
    ended = await end(api, cookie)
    assert (ended.status_code, ended.content) == (204, b"")
    assert is_cleared(ended)
    assert await status(api, bearer(answer.json()["access_token"])) == 401
    assert (await go_on(api, cookie)).status_code == 401
    assert (await go_on(api, other)).status_code == 200


async def test_signing_out_while_another_tab_refreshes_ends_it(api: httpx.AsyncClient) -> None:
    cookie = await session(api)
    following = cookie_of(await go_on(api, cookie)).value
    assert (await end(api, cookie)).status_code == 204
    assert (await go_on(api, following)).status_code == 401


async def test_signing_out_is_always_204(api: httpx.AsyncClient) -> None:
    cookie = await session(api)
    forged = cookie[:-43] + "x" * 43
    for value in (None, "", "garbage", f"dar_{'0' * 32}_{'x' * 43}", forged):
        answer = await end(api, value)
        assert answer.status_code == 204
        assert is_cleared(answer)
    assert (await go_on(api, cookie)).status_code == 200, "a forged cookie signs nobody out"


@pytest.mark.parametrize("apart", [True, False], ids=["two headers", "one header"])
async def test_of_two_cookies_none_counts(api: httpx.AsyncClient, apart: bool) -> None:
    """Another host of this site can put one there beside ours: whose session that is, nobody knows."""
    ours, theirs = await session(api), await session(api)
    api.cookies.clear()
    values = [f"{NAME}={ours}", f"{NAME}={theirs}"]
    both = [("Cookie", value) for value in (values if apart else ["; ".join(values)])]
    for method, path in (("POST", NEXT), ("DELETE", START)):
        refused = await api.request(method, path, headers=[*PAGE.items(), *both])
        assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHORIZED")
        assert is_cleared(refused)
    form = {"username": "admin", "password": ADMIN_PASSWORD}
    assert (await api.post(START, data=form, headers=[*PAGE.items(), *both])).status_code == 200
    for cookie in (ours, theirs):
        assert (await go_on(api, cookie)).status_code == 200, "nothing was done to either"


async def test_only_the_page_of_this_address_may_ask(api: httpx.AsyncClient) -> None:
    cookie = await session(api)
    form, shown = {"username": "admin", "password": ADMIN_PASSWORD}, {"Cookie": f"{NAME}={cookie}"}
    wrong: list[dict[str, str]] = [
        {},
        {"X-DoctorAI-Page": ""},
        {"X-DoctorAI-Page": "true"},
        *({**PAGE, "Sec-Fetch-Site": word} for word in ("cross-site", "same-site", "none", "", "Same-Origin")),
    ]
    for headers in wrong:
        for answer in (
            await api.post(START, data=form, headers=headers),
            await api.post(NEXT, headers={**shown, **headers}),
            await api.delete(START, headers={**shown, **headers}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), headers
            assert "set-cookie" not in answer.headers
    assert (await go_on(api, cookie, **{"Sec-Fetch-Site": "same-origin"})).status_code == 200


@pytest.mark.parametrize("origin", ["http://localhost:5173", "http://evil.example"])
async def test_another_origin_cannot_say_that_it_is_the_page(api: httpx.AsyncClient, origin: str) -> None:
    """Not even one that CORS allows."""
    for path, method in ((START, "POST"), (NEXT, "POST"), (START, "DELETE")):
        asked = {
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "x-doctorai-page",
        }
        answer = await api.options(path, headers=asked)
        assert answer.status_code == 400
        assert "x-doctorai-page" not in answer.headers.get("access-control-allow-headers", "").lower()
        assert "access-control-allow-credentials" not in answer.headers


async def test_wrong_passwords_are_refused_as_for_tokens(api: httpx.AsyncClient) -> None:
    wrong = [await sign_in(api, "admin", f"not the password {number}") for number in range(6)]
    assert [answer.status_code for answer in wrong] == [401] * 5 + [429]
    assert all("set-cookie" not in answer.headers for answer in wrong)
    assert (await api.post(START, data={"username": "admin"}, headers=PAGE)).status_code == 422
    assert 'sign_ins_total{outcome="unauthorized"} 5.0' in (await api.get("/metrics")).text


async def test_sign_ins_have_their_limit_and_pages_a_wider_one(redis_server: RedisServer, tmp_path: Path) -> None:
    async with gateway(redis_server.url, tmp_path, rate_limit_sign_in="2/minute", rate_limit_ip="4/minute") as api:
        assert [(await sign_in(api)).status_code for _ in range(3)] == [200, 200, 429]
        assert [(await go_on(api, None)).status_code for _ in range(3)] == [401] * 3
        assert [(await go_on(api, None)).status_code for _ in range(2)] == [401, 429]


async def test_above_the_limit_who_signs_out_is_gone_from_the_browser(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    async with gateway(redis_server.url, tmp_path, rate_limit_ip="3/minute") as api:
        cookie = await session(api)
        assert [(await go_on(api, None)).status_code for _ in range(4)] == [401, 401, 401, 429]
        ended = await end(api, cookie)
        assert ended.status_code == 204
        assert is_cleared(ended)


async def test_to_sign_in_anew_ends_the_former_session(api: httpx.AsyncClient) -> None:
    form, former = {"username": "admin", "password": ADMIN_PASSWORD}, await session(api)
    shown = {**PAGE, "Cookie": f"{NAME}={former}"}
    api.cookies.clear()
    assert (await api.post(START, data={**form, "password": "not the password"}, headers=shown)).status_code == 401
    answer = await api.post(START, data=form, headers=shown)
    assert answer.status_code == 200
    assert (await go_on(api, former)).status_code == 401
    assert (await go_on(api, cookie_of(answer).value)).status_code == 200


async def test_a_forged_cookie_ends_nobodys_session_at_a_sign_in(api: httpx.AsyncClient) -> None:
    cookie = await session(api)
    shown = {**PAGE, "Cookie": f"{NAME}={cookie[:-43]}{'x' * 43}"}
    api.cookies.clear()
    answer = await api.post(START, data={"username": "admin", "password": ADMIN_PASSWORD}, headers=shown)
    assert answer.status_code == 200
    assert (await go_on(api, cookie)).status_code == 200


async def test_while_redis_is_away_the_cookie_is_kept(
    api: httpx.AsyncClient, redis_server: RedisServer, tmp_path: Path
) -> None:
    cookie = await session(api)
    async with running(create_app(settings_of(NO_REDIS, tmp_path / "other"))) as alone:
        for answer in (await sign_in(alone), await go_on(alone, cookie)):
            assert (answer.status_code, answer.json()["code"]) == (503, "SIGN_IN_UNAVAILABLE")
            assert "set-cookie" not in answer.headers
        # who signs out at a shared machine must be gone from it
        ended = await end(alone, cookie)
        assert ended.status_code == 204
        assert is_cleared(ended)


async def test_another_key_ends_nothing(api: httpx.AsyncClient, redis_server: RedisServer, tmp_path: Path) -> None:
    """A gateway with a new SECRET_KEY goes on with the sessions that are there."""
    cookie = await session(api)
    async with gateway(redis_server.url, tmp_path / "b", secret_key="0123456789abcdef" * 4) as other:
        answer: Any = await go_on(other, cookie)
        assert answer.status_code == 200
        assert await status(other, bearer(answer.json()["access_token"])) == 200
