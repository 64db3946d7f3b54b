"""The Redis overlay: a primary that is killed, crashes or hangs costs seconds, and no account."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from tests.containers.conftest import Compose, docker, picture, project
from tests.containers.redis_ha import (
    PASSWORD,
    SENTINELS,
    SERVERS,
    Traffic,
    primary,
    redis_cli,
    replication,
    traffic,
)
from tests.support.processes import eventually_sync

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
WITHIN_S = 15.0
_OFTEN = {"RATE_LIMIT_SIGN_IN": "6000/minute", "RATE_LIMIT_USER": "60000/minute", "RATE_LIMIT_IP": "60000/minute"}


def add(client: httpx.Client, name: str) -> int:
    return client.post("/api/users", json={"username": name, "password": PASSWORD}).status_code


def names(client: httpx.Client) -> set[str]:
    return {user["username"] for user in client.get("/api/users").json()["users"]}


def sign_in(url: str, name: str, password: str) -> httpx.Response:
    return httpx.post(f"{url}/api/token", data={"username": name, "password": password}, timeout=30)


@pytest.fixture(scope="module")
def ha(engine: None) -> Iterator[Compose]:
    """A system with one Redis and an account in it, then with the overlay."""
    with project(50, "docker-compose.yml") as single:
        single.environment.update(_OFTEN)
        single("build", "gateway", "tumor", "secrets", timeout_s=1800)
        single("up", "-d", "--wait", "--wait-timeout", "120", "gateway")
        with signed_in(single) as client:
            assert add(client, "before") == 201
        ha = replace(single, files=("docker-compose.yml", "deploy/compose.redis-ha.yml"))
        try:
            ha("up", "-d", "--wait", "--wait-timeout", "180", "gateway", "tumor", *SENTINELS)
            yield ha
        finally:
            ha("down", "--volumes", "--timeout", "5")


def signed_in(compose: Compose) -> httpx.Client:
    secret = compose.admin_password()
    eventually_sync(lambda: sign_in(compose.url, "admin", secret).status_code == 200, timeout_s=30)
    answer = sign_in(compose.url, "admin", secret)
    shown = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return httpx.Client(base_url=compose.url, timeout=30, headers=shown)


@pytest.fixture
def client(ha: Compose) -> Iterator[httpx.Client]:
    """Signed in, once all servers and Sentinels are as they should be."""
    ha("up", "-d", "--wait", "--wait-timeout", "120", "gateway", "tumor", *SERVERS, *SENTINELS)
    eventually_sync(lambda: in_step(ha), timeout_s=60)
    with signed_in(ha) as client:
        eventually_sync(lambda: healthy(client), timeout_s=30)
        yield client


def in_step(ha: Compose) -> bool:
    """All Sentinels name one primary, which has two replicas."""
    named = {primary(ha, sentinel) for sentinel in SENTINELS}
    return len(named) == 1 and replication(ha, named.pop()).get("min_slaves_good_slaves") == "2"


def healthy(client: httpx.Client) -> bool:
    health = client.get("/api/health").json()
    return bool(health["dependencies"]["redis"]["status"] == "up" and health["models"]["tumor"])


def test_a_single_redis_that_becomes_three_keeps_its_accounts(ha: Compose, client: httpx.Client) -> None:
    assert "before" in names(client)
    for server in SERVERS:
        assert redis_cli(ha, server, "hlen", "doctorai:accounts") == redis_cli(ha, "redis", "hlen", "doctorai:accounts")


@pytest.mark.parametrize("name", [*SERVERS, *SENTINELS])
def test_a_container_is_closed(ha: Compose, name: str) -> None:
    (found,) = docker("inspect", *ha.ids(name))
    host = found["HostConfig"]
    assert found["Config"]["User"] == "999:1000"
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert not [place for place in found["NetworkSettings"]["Ports"].values() if place]
    words = [*found["Config"]["Env"], *ha("exec", "-T", name, "cat", "/proc/1/cmdline").split("\0")]
    assert not [word for word in words if "PASSWORD=" in word or "masterauth" in word or "auth-pass" in word]


def kill(ha: Compose, server: str) -> None:
    ha("kill", server)


def crash(ha: Compose, server: str) -> None:
    """The process alone: Docker starts it again at once."""
    (found,) = docker("inspect", *ha.ids(server))
    os.kill(found["State"]["Pid"], signal.SIGKILL)


def freeze(ha: Compose, server: str) -> None:
    ha("pause", server)


@pytest.mark.parametrize(
    ("fail", "mend", "another"), [(kill, "start", True), (crash, None, None), (freeze, "unpause", True)]
)
def test_a_primary_that_fails_costs_seconds_and_no_account(
    ha: Compose,
    client: httpx.Client,
    fail: Callable[[Compose, str], None],
    mend: str | None,
    another: bool | None,
) -> None:
    former = primary(ha)
    with traffic(client, ha.admin_password()) as load:
        load.until_going(0)
        before = len(load.acknowledged())
        since = time.monotonic()
        fail(ha, former)
        load.until_going(since + 2)
    tell(fail.__name__, load, since)
    if mend:
        eventually_sync(lambda: primary(ha) != former, timeout_s=10)  # one Sentinel is told by the others
        ha(mend, former)
    made = load.acknowledged()
    assert len(made) >= before + 5
    assert names(client) >= set(made)
    assert sign_in(ha.url, made[-1], PASSWORD).status_code == 200
    assert load.failures("prediction") == []
    assert {one.status for kind in ("sign-in", "account") for one in load.failures(kind)} <= {503}
    assert max(load.out_s(kind, since) for kind in load.asked) <= WITHIN_S
    if another:
        eventually_sync(lambda: is_replica(ha, former), timeout_s=60)
        assert redis_cli(ha, former, "hlen", "doctorai:accounts") == str(len(names(client)))


def tell(how: str, load: Traffic, since: float) -> None:
    for kind, asked in load.asked.items():
        print(
            f"{how}: {kind}: {len(asked)} asked, {len(load.failures(kind))} failed, "
            f"out for {load.out_s(kind, since):.1f} s, longest {load.longest_s(kind):.1f} s"
        )


def is_replica(ha: Compose, server: str) -> bool:
    found = replication(ha, server)
    return (found["role"], found.get("master_link_status")) == ("slave", "up")


def test_a_system_that_is_stopped_goes_on_with_the_primary_that_it_had(ha: Compose, client: httpx.Client) -> None:
    if primary(ha) == "redis":
        redis_cli(ha, "sentinel-1", "sentinel", "failover", "doctorai")
        eventually_sync(lambda: primary(ha) != "redis" and in_step(ha), timeout_s=30)
    chosen = primary(ha)
    eventually_sync(lambda: add(client, "since-the-failover") == 201, timeout_s=15)
    ha("down", "--timeout", "10")
    ha("up", "-d", "--wait", "--wait-timeout", "180", "gateway", "tumor", *SERVERS, *SENTINELS)
    eventually_sync(lambda: in_step(ha), timeout_s=60)
    assert primary(ha) == chosen
    with signed_in(ha) as again:
        assert {"before", "since-the-failover"} <= names(again)


def test_without_replicas_no_account_is_promised_and_predictions_go_on(ha: Compose, client: httpx.Client) -> None:
    replicas = [server for server in SERVERS if server != primary(ha)]
    ha("kill", *replicas)
    refused = client.post("/api/users", json={"username": "promised", "password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (503, "SIGN_IN_UNAVAILABLE")
    answer = client.post("/api/predict/tumor", files={"file": ("a.png", picture() + b"0", "image/png")})
    assert answer.status_code == 200
    ha("start", *replicas)
    eventually_sync(lambda: add(client, "kept") == 201, timeout_s=30)


def test_a_sentinel_less_is_no_loss(ha: Compose, client: httpx.Client) -> None:
    """Both that are left must agree: one that was held up, and does not judge for half a minute, is waited for."""
    ha("kill", "sentinel-1")
    former = primary(ha, "sentinel-2")
    since = time.monotonic()
    ha("kill", former)
    try:
        eventually_sync(lambda: sign_in(ha.url, "before", PASSWORD).status_code == 200, timeout_s=150)
    except AssertionError:
        print(ha("logs", "--since", "4m", "sentinel-2", "sentinel-3", "gateway"))  # what held them up
        raise
    print(f"with two Sentinels: signed in again after {time.monotonic() - since:.1f} s")


def test_nobody_was_refused_what_he_needs(ha: Compose, client: httpx.Client) -> None:
    for name in (*SERVERS, *SENTINELS):
        assert redis_cli(ha, name, "acl", "log") == "", name
