"""A new SECRET_KEY, with and without the former one."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.support.accounts import add_key, bearer, gateway, headers, pair, refresh, status, token
from tests.support.people import SECRET_KEY, signed_in
from tests.support.processes import RedisServer

NEW = secrets.token_hex(32)

pytestmark = pytest.mark.usefixtures("quick_hashes")


async def test_a_former_keys_token_holds_while_that_key_is_named(redis_server: RedisServer, tmp_path: Path) -> None:
    async with gateway(redis_server.url, tmp_path) as api:
        tokens = await pair(api)
        key = bearer((await add_key(api, bearer(tokens["access_token"])))["key"])
    shown = bearer(tokens["access_token"])
    others = {"secret_key": NEW, "secret_key_previous": (secrets.token_hex(32), SECRET_KEY)}
    async with gateway(redis_server.url, tmp_path, **others) as api:
        assert await status(api, shown) == 200
        assert await status(api, await headers(api)) == 200
    async with gateway(redis_server.url, tmp_path / "other", secret_key=NEW) as api:
        assert await status(api, shown) == 401
        assert await status(api, signed_in("admin")) == 401
        # what no key signed goes on: refreshing gives a token of the new key
        assert await status(api, key) == 200
        renewed = await refresh(api, tokens["refresh_token"])
        assert await status(api, bearer(renewed.json()["access_token"])) == 200


async def test_a_gateway_with_the_new_key_and_one_with_the_old_work_together(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """While they are replaced one after the other: first each is told of the new key, then each uses it."""
    told = {"secret_key_previous": (NEW,)}
    uses = {"secret_key": NEW, "secret_key_previous": (SECRET_KEY,)}
    async with (
        gateway(redis_server.url, tmp_path / "a", **told) as old,
        gateway(redis_server.url, tmp_path / "b", **uses) as new,
    ):
        for signer in (old, new):
            shown = await headers(signer)
            assert [await status(other, shown) for other in (old, new)] == [200, 200]


async def test_without_a_key_each_start_has_its_own(redis_server: RedisServer, tmp_path: Path) -> None:
    """`doctorai_mode` local only; see the settings."""
    async with gateway(redis_server.url, tmp_path / "a", secret_key=None) as api:
        shown = await headers(api)
        assert await status(api, shown) == 200
    async with gateway(redis_server.url, tmp_path / "b", secret_key=None) as api:
        assert await status(api, shown) == 401
        assert (await token(api)).status_code == 200
