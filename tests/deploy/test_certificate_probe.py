"""The probe of the TLS overlay's certificate, run against one."""

from __future__ import annotations

import re
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from cli.certificate import CERTIFICATE, KEY, make_certificate
from tests.conftest import REPOSITORY
from tests.support.processes import free_port, wait_for_port
from tests.support.programs import need_program

PROBE = "prometheus-blackbox-exporter"
CONFIG = REPOSITORY / "deploy" / "blackbox" / "blackbox.yml"


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[int]:
    """The port of a server with a self-signed certificate."""
    make_certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / CERTIFICATE, tmp_path / KEY)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def probe() -> Iterator[str]:
    need_program(PROBE)
    port = free_port()
    command = [PROBE, f"--config.file={CONFIG}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    with subprocess.Popen(command) as process:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}/probe"
        process.terminate()


def measured(probe: str, target: str) -> dict[str, float]:
    text = httpx.get(probe, params={"module": "certificate", "target": target}).text
    return {name: float(value) for name, value in re.findall(r"^(probe_\w+) (\S+)$", text, re.M)}


def test_it_tells_when_a_self_signed_one_ends(probe: str, tls: int) -> None:
    found = measured(probe, f"127.0.0.1:{tls}")
    assert found["probe_success"] == 1
    days = (found["probe_ssl_earliest_cert_expiry"] - time.time()) / 86_400
    assert 363 < days < 366


def test_it_tells_that_nothing_answers(probe: str) -> None:
    found = measured(probe, f"127.0.0.1:{free_port()}")
    assert found["probe_success"] == 0
    assert "probe_ssl_earliest_cert_expiry" not in found
