"""Who may do what in Redis: tried with the passwords that the containers have."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.containers.conftest import Compose, picture
from tests.containers.redis_ha import redis_cli
from tests.support.processes import eventually_sync

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
MODELS = ("tumor", "xray", "monkeypox", "lung_colon", "palm_disease")
_TRY = """
import asyncio, sys
from redis.exceptions import RedisError
from shared.redis import connect_redis
from shared.settings import CommonSettings, load_settings

async def main():
    async with connect_redis(load_settings(CommonSettings)) as redis:
        for words in sys.argv[1:]:
            try:
                print("done", await redis.execute_command(*words.split()))
            except RedisError as error:
                print(type(error).__name__, error)

asyncio.run(main())
"""
FORBIDDEN = [
    "KEYS *",
    "FLUSHALL",
    "FLUSHDB",
    "CONFIG GET requirepass",
    "CONFIG SET maxmemory 1",
    "ACL LIST",
    "ACL SETUSER service +@all",
    "DEBUG SLEEP 0",
    "MONITOR",
    "CLIENT LIST",
    "SHUTDOWN",
    "REPLICAOF 10.0.0.1 6379",
    "SAVE",
    "FUNCTION LIST",
]
FORBIDDEN_TO_SERVICES = ["SCAN 0", "RANDOMKEY", "EVAL return(1) 0", "INFO"]
OF_OTHERS = ["HGETALL doctorai:accounts", "GET doctorai:session:x", "GET doctorai:apikey:x", "GET doctorai:health"]


NOT_ALLOWED = ("NoPermissionError", "ResponseError DEBUG command not allowed")


def answers(compose: Compose, service: str, *commands: str) -> list[str]:
    """What Redis answers each, connected as that service connects."""
    return compose("exec", "-T", service, "python", "-c", _TRY, *commands).strip().splitlines()


def assert_refused(compose: Compose, service: str, *commands: str) -> None:
    found = dict(zip(commands, answers(compose, service, *commands), strict=True))
    assert {words: told for words, told in found.items() if not told.startswith(NOT_ALLOWED)} == {}


@pytest.fixture
def account(compose: Compose, client: httpx.Client) -> str:
    """The key of one."""
    (identifier, *_) = [user["id"] for user in client.get("/api/users").json()["users"]]
    return f"doctorai:account:{identifier}"


def test_a_service_reads_no_account(compose: Compose, account: str) -> None:
    assert_refused(compose, "xray", *(f"{word} {account}" for word in ("GET", "MGET", "DEL", "DUMP", "TYPE")))
    assert_refused(compose, "xray", f"SET {account} x", *OF_OTHERS)


def test_a_service_reads_no_other_service(compose: Compose) -> None:
    """It writes that it is there; what it reads are conversations alone, and those are sealed."""
    assert_refused(compose, "xray", "SMEMBERS doctorai:instances", "GET doctorai:instance:x")
    assert_refused(compose, "xray", "SET doctorai:instance:x 1 GET")
    assert answers(compose, "xray", "LRANGE doctorai:chat:nobody 0 -1") == ["done []"]


def test_what_no_service_may(compose: Compose) -> None:
    assert_refused(compose, "xray", *FORBIDDEN, *FORBIDDEN_TO_SERVICES)


def test_what_the_gateway_may_not_either(compose: Compose) -> None:
    assert_refused(compose, "gateway", *FORBIDDEN)


def test_the_gateway_stays_among_its_own_keys(compose: Compose, account: str) -> None:
    assert_refused(compose, "gateway", "GET another:key", "SET another:key 1")
    read, by_script = answers(compose, "gateway", f"GET {account}", "EVAL return(redis.call('get','another:key')) 0")
    assert account.rpartition(":")[2] in read
    assert "can't access at least one of the keys" in by_script


def test_nobody_comes_in_without_a_name(compose: Compose) -> None:
    assert "NOAUTH" in compose("exec", "-T", "redis", "redis-cli", "ping")
    for shown in ("x", '"$(cat /secrets/redis_admin_password)"'):
        answer = compose("exec", "-T", "redis", "sh", "-c", f"redis-cli -a {shown} ping 2>&1")
        assert "WRONGPASS" in answer


def test_no_container_has_anothers_password(compose: Compose) -> None:
    programs = {"xray": "/secrets", "gateway": "/secrets"}
    for service, folder in programs.items():
        found = compose("exec", "-T", service, "ls", folder).split()
        assert sorted(found) == ["redis_service_password", "sentinel_client_password", "service_token"]
    mounted = compose("exec", "-T", "xray", "cat", "/proc/mounts")
    assert "secrets-gateway" not in mounted
    found = compose("exec", "-T", "redis", "ls", "/secrets").split()
    assert not {"redis_gateway_password", "redis_service_password", "secret_key", "admin_password"} & set(found)


@pytest.fixture
def nothing_refused(compose: Compose) -> Iterator[None]:
    """Redis has refused nobody anything while the test ran."""
    redis_cli(compose, "redis", "acl", "log", "reset")
    yield
    assert redis_cli(compose, "redis", "acl", "log") == ""


def test_all_that_people_do_is_allowed(compose: Compose, client: httpx.Client, nothing_refused: None) -> None:
    for model in MODELS:
        predict(client, model)
    talk(client)
    manage_people(client)
    manage_keys(client, compose)
    repeat(client)
    judge(client)
    sign_in_and_out(compose)
    for path in ("/api/health", "/api/models", "/metrics", "/api/me"):
        client.get(path)
    compose("restart", "gateway", "xray")  # withdraws, announces itself, looks for the first administrator
    until_healthy(client)


def test_a_restarted_redis_has_all_that_it_had(compose: Compose, client: httpx.Client) -> None:
    """What was written in one step by a script or a transaction, too: Redis reads its file again as nobody."""
    until_healthy(client)
    made = client.post("/api/users", json=person()).json()
    key = client.post("/api/keys", json={"name": "machine"}).json()
    compose("kill", "redis")
    compose("up", "-d", "--wait", "redis")
    eventually_sync(lambda: client.get(f"/api/users/{made['id']}").status_code == 200, timeout_s=15)
    assert key["id"] in {one["id"] for one in client.get("/api/keys").json()["keys"]}
    until_healthy(client)


def until_healthy(client: httpx.Client) -> None:
    """Fails with what the system last said of itself."""
    ends, said = time.monotonic() + 120, "nothing"
    while '"status":"healthy"' not in said:
        assert time.monotonic() < ends, said
        time.sleep(0.2)
        try:
            said = client.get("/api/health").text
        except httpx.HTTPError as error:
            said = repr(error)


def person() -> dict[str, str]:
    return {"username": f"somebody-{uuid.uuid4().hex}", "password": "a clinician's long password"}


def predict(client: httpx.Client, model: str = "tumor", **headers: str) -> httpx.Response:
    data = picture() + uuid.uuid4().bytes
    for _ in range(2):  # the second comes out of the cache
        answer = client.post(f"/api/predict/{model}", files={"file": ("a.png", data, "image/png")}, headers=headers)
        assert answer.status_code == 200, answer.text
    return answer


def talk(client: httpx.Client) -> None:
    first = client.post("/api/chatbot", json={"message": "What is anaemia?"}).json()
    session = first["session_id"]
    again = client.post("/api/chatbot", json={"message": "And how is it treated?", "session_id": session})
    assert again.status_code == 200, again.text
    assert client.delete(f"/api/chatbot/{session}").status_code == 204


def manage_people(client: httpx.Client) -> None:
    made = client.post("/api/users", json=person()).json()
    path = f"/api/users/{made['id']}"
    assert client.patch(path, json={"role": "viewer", "password": "another long password"}).status_code == 200
    assert client.delete(path).status_code == 204


def manage_keys(client: httpx.Client, compose: Compose) -> None:
    made = client.post("/api/keys", json={"name": "machine"}).json()
    answer = httpx.get(f"{compose.url}/api/me", headers={"X-API-Key": made["key"]})
    assert answer.status_code == 200, answer.text
    assert client.delete(f"/api/keys/{made['id']}").status_code == 204


def repeat(client: httpx.Client) -> None:
    """Until it is replayed: on a machine that is too busy Redis is not waited for, and a request is answered anew."""

    def replayed() -> bool:
        return "Idempotency-Replayed" in predict(client, **{"Idempotency-Key": uuid.uuid4().hex}).headers

    eventually_sync(replayed, timeout_s=30)


def judge(client: httpx.Client) -> None:
    """Until it is taken: the same holds for what tells which prediction is meant."""

    def taken() -> bool:
        path = f"/api/predictions/{predict(client).json()['request_id']}/feedback"
        return client.post(path, json={"verdict": "agree"}).status_code == 201

    eventually_sync(taken, timeout_s=30)


def sign_in_and_out(compose: Compose) -> None:
    password = compose.admin_password()
    wrong = httpx.post(f"{compose.url}/api/token", data={"username": "nobody", "password": "wrong"})
    assert wrong.status_code == 401
    tokens = httpx.post(f"{compose.url}/api/token", data={"username": "admin", "password": password}).json()
    data = {"refresh_token": tokens["refresh_token"]}
    tokens = httpx.post(f"{compose.url}/api/token/refresh", data=data).json()
    shown = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert httpx.post(f"{compose.url}/api/logout", headers=shown).status_code == 204
