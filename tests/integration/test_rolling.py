"""Versions are rolled under load in real processes: no request fails, and no answer carries another's label."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from cli.show import Failure
from cli.watch import Change, change
from shared.http.credential import HEADER as CREDENTIAL
from shared.versions import Canary, Serving, read_serving, write_serving
from tests.faults.toys import add_toy, both_ready
from tests.shared.audit.helpers import lines
from tests.support.bundles import edit_manifest
from tests.support.processes import eventually
from tests.support.system import System, running_system
from tests.support.versions import PINK, fresh_pink, is_labelled_rightly, write_version

pytestmark = [pytest.mark.integration, pytest.mark.slow]
OLD, NEW = "1.0.0", "1.1.0"
Post = Callable[[bytes], Awaitable[httpx.Response]]


@pytest.fixture(scope="module")
def rolled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Two instances of the toy behind a gateway that keeps answers."""
    folder = tmp_path_factory.mktemp("rolled")
    for version in (OLD, NEW):
        write_version(folder / "models", version)
    write_serving(folder / "models", "toy", Serving(active=OLD))
    with running_system(folder, {"toy": "tests.support.toy_service"}, folder / "models") as system:
        add_toy(system)
        yield system


@pytest.fixture
async def system(rolled: System) -> System:
    """The same, with the old version alone."""
    choose(rolled)
    await both_ready(rolled)
    await until_announced(rolled, OLD)
    return rolled


@dataclass
class Asked:
    """What came of the requests."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[dict[str, Any]]:
        return [answer for answer in self.answers if not is_labelled_rightly(answer)]

    async def more(self, count: int) -> list[dict[str, Any]]:
        """The next answers."""
        at = len(self.answers)

        async def enough() -> bool:
            return len(self.answers) >= at + count

        await eventually(enough, 30)
        return self.answers[at:]


def choose(system: System, **changes: Any) -> None:
    write_serving(system.models, "toy", Serving(**{"active": OLD, **changes}))


async def announced(system: System) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as client:
        found: list[dict[str, Any]] = (await client.get(f"{system.url}/api/health")).json()["services"]["toy"][
            "instances"
        ]
    return found


async def until_announced(system: System, version: str, notice: str = "") -> None:
    """Waits until every instance is ready, serves ``version``, and says ``notice``, or nothing."""

    async def all_do() -> bool:
        found = await announced(system)
        return len(found) == 2 and all(
            one["ready"]
            and one["version"] == version
            and notice in (one["notice"] or "")
            and bool(one["notice"]) == bool(notice)
            for one in found
        )

    await eventually(all_do, 20)


@asynccontextmanager
async def asking(post: Post, callers: int = 8) -> AsyncIterator[Asked]:
    """Callers that ask without pause: every other time for a picture that was asked for before."""
    asked, running = Asked(), True

    async def caller(number: int) -> None:
        while running:
            number += 1
            response = await post(PINK if number % 2 else fresh_pink())
            if response.status_code == 200:
                asked.answers.append(response.json())
            else:
                asked.failures.append(response.text)

    async with asyncio.TaskGroup() as group:
        for at in range(callers):
            group.create_task(caller(at))
        try:
            yield asked
        finally:
            running = False


def through_gateway(client: httpx.AsyncClient) -> Post:
    return lambda picture: client.post("/api/predict/toy", files={"file": ("a.png", picture)})


def tell(asked: Asked) -> None:
    versions = dict(Counter(answer["model_version"] for answer in asked.answers))
    cached = sum(answer["cached"] for answer in asked.answers)
    failed, wrong = len(asked.failures), len(asked.wrong)
    print(f"{len(asked.answers)} answers {versions}, {cached} from the cache; {failed} failed, {wrong} wrong labels")


async def test_there_and_back_again_at_a_service(system: System) -> None:
    toy = system.services["toy"]
    headers = {CREDENTIAL: toy.environment["SERVICE_TOKEN"]}
    async with (
        httpx.AsyncClient(base_url=toy.url, headers=headers, timeout=30) as client,
        asking(lambda picture: client.post("/predict", content=picture)) as asked,
    ):
        await roll(system, asked)
    tell(asked)
    assert (asked.failures, asked.wrong) == ([], [])


async def test_there_and_back_again_through_a_gateway_that_keeps_answers(system: System) -> None:
    async with system.client() as client, asking(through_gateway(client)) as asked:
        await roll(system, asked)
    tell(asked)
    assert (asked.failures, asked.wrong) == ([], [])
    assert any(one["cached"] for one in asked.answers)


async def roll(system: System, asked: Asked) -> None:
    """Forward and back, twice."""
    for version in (NEW, OLD, NEW, OLD):
        choose(system, active=version)
        await until_announced(system, version)
        await asked.more(20)  # those that were on their way when the last instance changed
        assert {one["model_version"] for one in await asked.more(50)} == {version}


async def test_an_administrator_rolls_over_http(system: System) -> None:
    admin = await asyncio.to_thread(system.sign_in)
    async with system.client() as client, asking(through_gateway(client)) as asked:
        for change, body, version in (("activate", {"version": NEW}, NEW), ("rollback", None, OLD)):
            answer = await client.post(f"/api/models/toy/{change}", json=body, headers=admin)
            assert (answer.status_code, answer.json()["active"]) == (202, version), answer.text
            await until_announced(system, version)
            await asked.more(20)  # those that were on their way when the last instance changed
            assert {one["model_version"] for one in await asked.more(50)} == {version}
        told = (await client.get("/api/models/toy/versions", headers=admin)).json()
        weights = system.models / "toy" / NEW / "model.tflite"
        whole = weights.read_bytes()
        weights.write_bytes(whole[:100])
        broken = await client.post("/api/models/toy/activate", json={"version": NEW}, headers=admin)
        weights.write_bytes(whole)
        refused = await client.post("/api/models/toy/activate", json={"version": NEW})
    tell(asked)
    assert (asked.failures, asked.wrong) == ([], [])
    assert (told["active"], told["previous"], told["writable"]) == (OLD, NEW, True)
    assert [one["version"] for one in told["instances"]] == [OLD, OLD]
    assert (broken.status_code, "does not match its checksum" in broken.json()["detail"]) == (409, True)
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert read_serving(system.models, "toy") == Serving(active=OLD, previous=NEW)
    await eventually(lambda: is_audited(system), 10)


async def is_audited(system: System) -> bool:
    """What the administrator did, and what was refused, is in the audit log."""
    events = [line["event"] for line in lines(system.audit)]
    found = [(one["action"], one["outcome"], one.get("target")) for one in events if one["action"][:6] == "model_"]
    wanted = [
        ("model_activate", "ok", NEW),
        ("model_rollback", "ok", OLD),
        ("model_activate", "CONFLICT", NEW),
    ]
    return found == wanted and any(one["action"] == "access" for one in events)


def changes(system: System, wanted: Change, **chosen: Any) -> None:
    """As the commands do it."""
    with change(wanted, system.url, wait=True, timeout_s=30):
        choose(system, **chosen)


async def test_the_commands_wait_until_every_instance_has_done_it(system: System) -> None:
    canary = Canary(version=NEW, share=0.5)
    await asyncio.to_thread(changes, system, Change("toy", "canary", NEW), canary=canary)
    assert [one["beside"] for one in await announced(system)] == [{"canary": NEW}] * 2
    await asyncio.to_thread(changes, system, Change("toy", "active", NEW), active=NEW)
    assert [(one["version"], one["beside"]) for one in await announced(system)] == [(NEW, {})] * 2


async def test_the_commands_end_when_every_instance_has_refused(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_version(system.models, "1.2.0")
    edit_manifest(root, lambda values: values.update(runtime="torch"))
    with pytest.raises(Failure, match=r"toy: 1\.2\.0 is active at 0 of 2 instances$"):
        await asyncio.to_thread(changes, system, Change("toy", "active", "1.2.0"), active="1.2.0")
    assert capsys.readouterr().err.count("version 1.2.0 is not served: this build has no torch runtime") == 2


async def test_a_bad_bundle_under_load_is_told_by_the_gateway(system: System) -> None:
    weights = system.models / "toy" / NEW / "model.tflite"
    whole = weights.read_bytes()
    async with system.client() as client, asking(through_gateway(client)) as asked:
        weights.write_bytes(whole[:100])
        choose(system, active=NEW)
        await until_announced(system, OLD, "model.tflite does not match its checksum")
        assert {one["model_version"] for one in await asked.more(50)} == {OLD}
        weights.write_bytes(whole)
        await until_announced(system, NEW)
    tell(asked)
    assert (asked.failures, asked.wrong) == ([], [])


async def test_a_canary_behind_a_cache_is_never_taken_for_the_active_version(system: System) -> None:
    async with system.client() as client, asking(through_gateway(client)) as asked:
        choose(system, canary=Canary(version=NEW, share=0.5))
        await until_answered_by(asked, NEW)
        await asked.more(200)
        choose(system, canary=None)
        await eventually_only(asked, OLD)
    tell(asked)
    assert (asked.failures, asked.wrong) == ([], [])


async def until_answered_by(asked: Asked, version: str) -> None:
    async def is_there() -> bool:
        return any(one["model_version"] == version for one in asked.answers)

    await eventually(is_there, 20)


async def eventually_only(asked: Asked, version: str) -> None:
    async def alone() -> bool:
        return {one["model_version"] for one in await asked.more(50)} == {version}

    await eventually(alone, 20)
