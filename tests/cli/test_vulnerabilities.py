"""`make audit-dependencies` against a small advisory service on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.plan import ROOT
from cli.vulnerabilities import Ignored, NotAudited, Vulnerability, read_ignored, superfluous, unignored

ADVISORY = {
    "id": "GHSA-aaaa-bbbb-cccc",
    "aliases": ["CVE-2026-1"],
    "summary": "Reads too far.\nA lot.",
    "affected": [
        {
            "package": {"name": "toy-lib", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}
FOUND = Vulnerability("toy-lib", "1.0", ("GHSA-aaaa-bbbb-cccc", "CVE-2026-1"), "Reads too far.", ("1.1",))
IGNORED = """
[[ignored]]
id = "CVE-2026-1"
package = "Toy_Lib"
reason = "that reader is never called"
decided = 2026-01-01
until = {until}
"""


class Service(ThreadingHTTPServer):
    """Knows one advisory; ``asked``: what it was asked about."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str]] = []
        self.status = 200


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        query: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name, version = query["package"]["name"], query["version"]
        self.server.asked.append((name, version))
        body = json.dumps({"vulns": [ADVISORY]} if name == "toy-lib" and version == "1.0" else {}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield service
        service.shutdown()
        thread.join()


def run(service: Service, folder: Path, versions: str, ignored: str = "", code: int = 0) -> str:
    (folder / "constraints.txt").write_text(versions)
    (folder / "ignored.toml").write_text(ignored)
    url = f"http://127.0.0.1:{service.server_port}/v1/query"
    files = ["--requirements", str(folder / "constraints.txt"), "--ignored", str(folder / "ignored.toml")]
    command = [sys.executable, "-m", "cli.vulnerabilities", *files, "--osv-url", url]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done.stderr


def test_nothing_is_known(service: Service, tmp_path: Path) -> None:
    assert run(service, tmp_path, "toy-lib==1.1\nother==2.0\n") == "no known vulnerability\n"
    assert sorted(service.asked) == [("other", "2.0"), ("toy-lib", "1.1")]


def test_one_is_known(service: Service, tmp_path: Path) -> None:
    said = run(service, tmp_path, "toy-lib==1.0\n", code=1)
    assert "toy-lib 1.0: CVE-2026-1 GHSA-aaaa-bbbb-cccc: Reads too far. A lot.; fixed in 1.1\n" in said
    assert said.endswith("audit-dependencies: 1 known vulnerabilities\n")


def test_one_is_ignored(service: Service, tmp_path: Path) -> None:
    said = run(service, tmp_path, "toy-lib==1.0\n", IGNORED.format(until="2999-01-01"))
    assert said == "no known vulnerability but 1 that are ignored\n"
    assert "is not there any more" in run(service, tmp_path, "toy-lib==1.1\n", IGNORED.format(until="2999-01-01"))


def test_one_is_ignored_no_longer(service: Service, tmp_path: Path) -> None:
    assert "1 known" in run(service, tmp_path, "toy-lib==1.0\n", IGNORED.format(until="2026-01-02"), code=1)


def test_no_answer_is_not_none_known(service: Service, tmp_path: Path) -> None:
    service.status = 503
    assert "the advisory service gave no answer; nothing is known" in run(service, tmp_path, "toy-lib==1.1\n", code=2)


@pytest.mark.parametrize("versions", ["toy-lib>=1.0\n", "toy lib\n"])
def test_a_version_that_is_not_pinned(service: Service, tmp_path: Path, versions: str) -> None:
    assert "nothing is known" in run(service, tmp_path, versions, code=2)
    assert service.asked == []


@pytest.mark.parametrize("line", ["reason", "until", "decided", "package"])
def test_what_is_ignored_says_why_and_until_when(tmp_path: Path, line: str) -> None:
    text = IGNORED.format(until="2999-01-01")
    (tmp_path / "a.toml").write_text("\n".join(one for one in text.splitlines() if not one.startswith(line)))
    with pytest.raises(NotAudited, match=line):
        read_ignored(tmp_path / "a.toml")


def test_what_ships_can_be_read() -> None:
    for row in read_ignored(ROOT / "deploy" / "ignored-vulnerabilities.toml"):
        assert row.decided <= row.until


def test_another_package_of_that_name_is_not_ignored() -> None:
    facts = {"id": "CVE-2026-1", "reason": "never called", "decided": date(2026, 1, 1), "until": date(2026, 3, 1)}
    other, same = (Ignored.model_validate(facts | {"package": name}) for name in ("other", "toy-lib"))
    assert unignored([FOUND], [other], date(2026, 2, 1)) == [FOUND]
    assert unignored([FOUND], [same], date(2026, 3, 1)) == []
    assert unignored([FOUND], [same], date(2026, 3, 2)) == [FOUND]
    assert superfluous([FOUND], [other, same]) == [other]
