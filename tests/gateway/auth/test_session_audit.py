"""What a session leaves in the audit log, and what nobody's does not."""

from __future__ import annotations

from pathlib import Path

from redis.asyncio import Redis

from gateway.app import create_app
from tests.gateway.auth.page import age, cookie_of, end, go_on, session, sign_in
from tests.shared.audit.helpers import lines
from tests.support.accounts import refresh
from tests.support.accounts import settings as settings_of
from tests.support.apps import running
from tests.support.processes import RedisServer


async def test_it_is_audited_as_for_tokens(
    redis_server: RedisServer, redis: Redis, tmp_path: Path, quick_hashes: None
) -> None:
    app = create_app(settings_of(redis_server.url, tmp_path))
    async with running(app) as api:
        first = await session(api)
        second = cookie_of(await go_on(api, first)).value
        for nobodys in ("garbage", f"dar_{'0' * 32}_{'x' * 43}"):  # of which anybody can send a flood
            assert (await go_on(api, nobodys)).status_code == 401
            assert (await refresh(api, nobodys)).status_code == 401
            assert (await end(api, nobodys)).status_code == 204
        await go_on(api, None)
        await end(api, second)
        stolen = await session(api)
        await go_on(api, stolen)
        await age(redis, 11)
        assert (await go_on(api, stolen)).status_code == 401
        await sign_in(api, "admin", "not the password")
        await app.state.gateway.trail.log.flush()
        told = [line["event"] for line in lines(tmp_path / "audit")]
    wanted = ("action", "outcome", "method", "role")
    assert [tuple(event.get(name) for name in wanted) for event in told if event["action"] != "start"] == [
        ("sign_in", "ok", "password", "admin"),
        ("refresh", "ok", "token", "admin"),
        ("sign_out", "ok", "token", None),
        ("sign_in", "ok", "password", "admin"),
        ("refresh", "ok", "token", "admin"),
        ("refresh", "UNAUTHORIZED", "token", None),
        ("sign_in", "UNAUTHORIZED", "password", None),
    ]
    subjects = {event.get("subject") for event in told if event["action"] != "start"}
    assert len(subjects - {None}) == 1
    assert [event["action"] for event in told if "subject" not in event] == ["start", "sign_in"]
    written = "".join(path.read_text() for path in (tmp_path / "audit").rglob("*") if path.is_file())
    for value in (first, second):
        assert value.split("_", 2)[2] not in written
