"""What nobody would send: no request is a server error, and no answer is one that the API's document does not know.

Schemathesis makes the requests from the documents of the gateway and of the services, always the same ones. The fuzzer
is an administrator, so it has a system of its own.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from shared.http.credential import HEADER as CREDENTIAL
from tests.conftest import REPOSITORY
from tests.support.system import SERVICE_TOKEN, System, running_system, service_process
from tests.support.toy import write_toy_bundle

pytest.importorskip("schemathesis", reason="schemathesis is not installed")
pytestmark = [pytest.mark.integration, pytest.mark.slow]
SERVICES = ("palm", "tumor", "chatbot")
ABSENT = ("xray", "monkeypox", "lung_colon")
"""No instance of these is started: their answer is 503, and their code that of those that are."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "ignored_auth",
    "unsupported_method",
)
CONFIG = """
[dictionaries]
models.values = ["palm_disease", "palm", "tumor", "toy", "chatbot"]
versions.values = ["1.0.0"]
accounts.values = ["{account}"]
[parameters]
"path.model" = {{ dictionary = "models", probability = 0.7 }}
"path.version" = {{ dictionary = "versions", probability = 0.7 }}
# whether 1 ms is enough depends on the machine
"header.X-Request-Timeout-Ms" = "20000"
# ids out of answers would let the fuzzer remove its own account and key
[phases]
examples.extra-data-sources.responses = false
coverage.extra-data-sources.responses = false
fuzzing.extra-data-sources.responses = false
[[operations]]
include-path = "/api/users/{{identifier}}"
parameters = {{ "path.identifier" = {{ dictionary = "accounts", probability = 0.5 }} }}
"""
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system that the fuzzer may spoil; whatever it did, nothing in it was surprised."""
    folder = tmp_path_factory.mktemp("fuzzed")
    modules = {name: f"services.{name}" for name in SERVICES}
    with running_system(folder, modules, REPOSITORY / "models") as system:
        write_toy_bundle(folder / "models")
        toy = service_process("toy", "tests.support.toy_service", system.redis, folder / "models", folder)
        toy.start()
        system.extra.append(toy)
        system.services["toy"] = toy
        asyncio.run(_until_ready(system))
        yield system
        logs = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.log")}
        assert logs
        surprises = "unexpected_error|instance_failed|Traceback"
        assert {name for name, log in logs.items() if re.search(surprises, log)} == set()


async def _until_ready(system: System) -> None:
    async with httpx.AsyncClient(timeout=10) as client:
        for model in ("palm_disease", "tumor", "chatbot", "toy"):
            await system.until(client, model, is_ready=True, timeout_s=60)


def fuzz(url: str, header: str, folder: Path, *options: str, account: str = "") -> None:
    """Sends what schemathesis makes of the document at ``url``."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG.format(account=account), encoding="utf-8")
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config)),
        *("run", f"{url}/openapi.json", "--header", header, "--checks", ",".join(CHECKS)),
        *("--phases", "examples,coverage,fuzzing", "--generation-deterministic", "--suppress-health-check", "all"),
        *("--continue-on-failure", "--no-shrink", "--request-timeout", "30", "--warnings", "off", "--no-color"),
        *options,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert re.search(r"\b[1-9]\d{2,} generated, ", done.stdout), done.stdout


@pytest.mark.timeout(240)
def test_the_gateway_for_an_administrator(fuzzed: System, tmp_path: Path) -> None:
    credential, admin = fuzzed.sign_in()["Authorization"], fuzzed.sign_in()
    user = {"username": "fuzzed", "role": "viewer", "password": "nobody signs in with it"}
    made = httpx.post(f"{fuzzed.url}/api/users", json=user, headers=admin, timeout=10).raise_for_status().json()
    # the fuzzer must not sign itself out
    absent = f"^/api/({'|'.join((*ABSENT, 'logout'))})$"
    # a generated X-API-Key beside the real credential would be refused at the door
    options = ("--exclude-path-regex", absent, "--generation-with-security-parameters", "false", "-n", "8")
    fuzz(fuzzed.url, f"Authorization: {credential}", tmp_path, *options, account=made["id"])
    assert httpx.get(f"{fuzzed.url}/api/users", headers={"Authorization": credential}, timeout=10).status_code == 200
    answered = re.findall(r'^http_requests_total{.*status="2\d\d"} (\S+)', _metrics(fuzzed), re.MULTILINE)
    assert sum(map(float, answered)) > 200, "hardly a request came through the door"


def _metrics(system: System) -> str:
    return httpx.get(f"{system.url}/metrics", timeout=10).text


@pytest.mark.timeout(240)
def test_the_gateway_for_a_stranger(fuzzed: System, tmp_path: Path) -> None:
    """With credentials that schemathesis makes up, and without."""
    fuzz(fuzzed.url, "X-Stranger: yes", tmp_path, "-n", "2")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("service", ["palm", "chatbot", "toy"])
def test_a_service(fuzzed: System, tmp_path: Path, service: str) -> None:
    fuzz(fuzzed.services[service].url, f"{CREDENTIAL}: {SERVICE_TOKEN}", tmp_path, "-n", "8")


@pytest.mark.parametrize("service", ["palm", "chatbot"])
def test_a_service_without_its_credential(fuzzed: System, tmp_path: Path, service: str) -> None:
    """The document itself is behind it, so the requests are made by hand."""
    url = fuzzed.services[service].url
    document = httpx.get(f"{url}/openapi.json", headers={CREDENTIAL: SERVICE_TOKEN}, timeout=10).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answer = httpx.request(method, url + path.replace("{", "").replace("}", ""), timeout=10)
            assert str(answer.status_code) in operation["responses"]
            assert answer.status_code == (401 if "401" in operation["responses"] else 200)


DEEP = "[" * 100_000
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "deep JSON": DEEP.encode(),
    "a deep field": b'{"message": %s}' % DEEP.encode(),
    "a huge number": b"1" + b"0" * 10_000,
    "a huge field": b'{"message": 1%s, "expires_in_days": 1%s, "id": 1}' % (b"0" * 5000, b"0" * 400),
    "NUL": b'{"message": "\\u0000", "username": "\\u0000", "name": "\\u0000"}',
    "half a character": b'{"message": "\\ud800", "username": "\\ud800", "model": "\\udfff", "name": "\\ud800"}',
    "no UTF-8": b'{"message": "\xff\xfe", "username": "\xc3"}',
    "no number": b'{"inputs": [{"name": "means", "datatype": "FP32", "shape": [1, 5], "data": [NaN, Infinity]}]}',
    "right to left": '{"message": "\u202e\u2066abc\u0000\ufeff"}'.encode(),
    "a list": b"[null, {}, [], 1e999]",
}
TYPES = ("application/json", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "\xe9/\xff", "")
PATHS = (
    "/api/predict/palm",
    "/api/chatbot",
    "/api/suggest",
    "/api/models/palm/activate",
    "/api/models/palm/rollback",
    "/api/users",
    "/api/keys",
    "/api/token",
    "/api/me/password",
    "/api/predictions/whatever-it-is/feedback",
    "/v1/chat/completions",
    "/v2/models/palm/infer",
    "/v2/models/chatbot/infer",
    "/v2/repository/index",
)
NAMES = ("%00", "%FF%FE", "%E2%80%AE", "%F0%9F%92%A9", "..%2F..%2Fetc%2Fpasswd", "a" * 4000, "%0d%0aX: 1", "0" * 32)
PLACES = (
    "/api/predict/{}",
    "/api/models/{}",
    "/api/models/palm/plots/{}",
    "/api/keys/{}",
    "/api/users/{}",
    "/api/chatbot/{}",
    "/v1/models/{}",
)
PREDICTIONS = "/api/predictions/{}/feedback"
PLACES_V2 = ("/v2/models/{}", "/v2/models/{}/infer", "/v2/models/palm/versions/{}", "/v2/models/palm/versions/{}/infer")
HEADERS: tuple[tuple[str, bytes], ...] = (
    ("X-Request-ID", b"\xff\xfe"),
    ("X-Request-Timeout-Ms", "²".encode("latin-1")),
    ("X-Request-Timeout-Ms", b"9" * 400),
    ("Idempotency-Key", b"\xe9" * 20),
    ("Inference-Header-Content-Length", b"9" * 400),
    ("Cache-Control", b"\xff"),
    ("Accept", b"\xff/\xfe"),
    ("Accept-Encoding", b"\xff"),
    ("Content-Encoding", b"\xff"),
    ("Origin", b"\xff"),
    ("Authorization", b"Bearer \xff"),
    ("X-API-Key", b"\xff"),
    ("Forwarded", b"for=\xff"),
)


@pytest.fixture
def web(fuzzed: System) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=fuzzed.url, headers=fuzzed.sign_in(), timeout=30) as client:
        yield client


def clean(answer: httpx.Response) -> None:
    """An answer, or a refusal in the one form that refusals have."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == PROBLEM, answer.text
        assert answer.json()["status"] == answer.status_code
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("body", BODIES)
def test_odd_bodies(web: httpx.Client, body: str) -> None:
    for path in PATHS:
        for media_type in TYPES:
            clean(web.post(path, content=BODIES[body], headers={b"content-type": media_type.encode("latin-1")}))


@pytest.mark.parametrize("name", NAMES)
def test_odd_paths(web: httpx.Client, name: str) -> None:
    for place in (*PLACES, PREDICTIONS, *PLACES_V2):
        for method in ("GET", "POST", "DELETE"):
            clean(web.request(method, place.format(name), content=b"{}", headers={"content-type": "application/json"}))
    clean(web.get(f"/api/models?{name}={name}"))
    clean(web.get(f"/api/feedback?model={name}&since={name}"))


@pytest.mark.parametrize(("name", "value"), HEADERS)
def test_odd_headers(web: httpx.Client, name: str, value: bytes) -> None:
    for path, body in (
        ("/api/chatbot", {"message": "migraine"}),
        ("/api/predict/palm", [0.62, 0.45, 0.38, 0.41, 0.63]),
        ("/v2/models/palm/infer", {"inputs": []}),
        ("/api/token", {}),
    ):
        headers = {b"content-type": b"application/json", name.encode(): value}
        clean(web.post(path, content=json.dumps(body).encode(), headers=headers))
