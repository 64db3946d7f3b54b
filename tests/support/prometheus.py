"""A real Prometheus and a real Alertmanager on what a test runs, with this project's own configuration, only faster."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.conftest import REPOSITORY
from tests.support.processes import eventually_sync, free_port, wait_for_port
from tests.support.programs import need_program, run_program
from tests.support.system import System

CONFIG = REPOSITORY / "deploy" / "prometheus" / "prometheus.yml"
INTERVAL_S = 1
GRAFANA, BOOKS = "https://grafana.test", "https://books.test"
"""Where the links of its alerts lead."""
_OF_PLACES = ("authorization", "metrics_path", "relabel_configs", "scrape_interval")
"""What a job says of the places where DNS finds its targets."""
Targets = Mapping[str, list[dict[str, Any]]]
"""Job → static_configs: what DNS tells where there are containers."""


@dataclass(frozen=True)
class Prometheus:
    """A running one."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **asked: str) -> Any:
        """The data of an answer of its API."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=asked, timeout=20)
        body = answer.json()
        assert body["status"] == "success", f"{path} {asked}: {body}"
        return body["data"]

    def query(self, expression: str, at: float | None = None) -> list[dict[str, Any]]:
        """The series of an instant query, now or ``at`` a Unix time; a scalar as one series."""
        found = self.get("query", query=expression, **({"time": str(at)} if at else {}))
        if found["resultType"] in ("scalar", "string"):
            return [{"metric": {}, "value": found["result"]}]
        series: list[dict[str, Any]] = found["result"]
        return series

    def value(self, expression: str) -> float | None:
        """Of the first series; None when there is none."""
        found = self.query(expression)
        return float(found[0]["value"][1]) if found else None

    def up(self) -> dict[tuple[str, str], str]:
        """(job, instance) → its health."""
        targets = self.get("targets")["activeTargets"]
        return {(one["labels"]["job"], one["labels"]["instance"]): one["health"] for one in targets}

    def alerts(self, state: str = "firing") -> list[dict[str, str]]:
        """The labels of the alerts in a state."""
        return [one["labels"] for one in self.get("alerts")["alerts"] if one["state"] == state]

    def rules(self) -> list[dict[str, Any]]:
        """All rules, as they were evaluated last."""
        return [rule for group in self.get("rules")["groups"] for rule in group["rules"]]


def configuration(targets: Targets, rules: list[Path], alertmanager: int | None) -> dict[str, Any]:
    """The project's own, with addresses of this machine for what DNS would find, and every interval a second."""
    config: dict[str, Any] = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    config["global"] |= {"scrape_interval": f"{INTERVAL_S}s", "evaluation_interval": f"{INTERVAL_S}s"}
    config["rule_files"] = [str(path) for path in rules]
    address = [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}] if alertmanager else []
    config["alerting"]["alertmanagers"] = address
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert set(targets) <= set(jobs), f"no such job: {set(targets) - set(jobs)}"
    config["scrape_configs"] = [_job(jobs[name], places) for name, places in targets.items()]
    return config


def _job(job: dict[str, Any], places: list[dict[str, Any]]) -> dict[str, Any]:
    by_name = {key for key in job if key.endswith("_sd_configs")}
    kept = {key: value for key, value in job.items() if key not in {*by_name, *_OF_PLACES}}
    return kept | {"static_configs": places}


@contextmanager
def prometheus(
    folder: Path, targets: Targets, rules: list[Path], alertmanager: int | None = None
) -> Iterator[Prometheus]:
    """Runs one on ``targets``, and on itself, until the context ends."""
    program, port = need_program("prometheus"), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "prometheus.yml"
    itself = {"prometheus": [{"targets": [f"127.0.0.1:{port}"]}]}
    config.write_text(yaml.safe_dump(configuration({**targets, **itself}, rules, alertmanager)), encoding="utf-8")
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage,expand-external-labels",
        "--query.lookback-delta=15s",
    ]
    with _running(command, folder / "prometheus.log", port, {"GRAFANA_URL": GRAFANA, "RUNBOOKS_URL": BOOKS}) as log:
        yield _ready(port, log)


def _ready(port: int, log: Path) -> Prometheus:
    """It listens a moment before it answers."""
    found = Prometheus(port, log)
    eventually_sync(lambda: httpx.get(f"{found.url}/-/ready").is_success, 30)
    return found


@contextmanager
def stored(folder: Path, text: str = "") -> Iterator[Prometheus]:
    """Runs one that holds ``text``, OpenMetrics with times, and asks nobody."""
    program, port, store, config = need_program("prometheus"), free_port(), folder / "store", folder / "empty.yml"
    store.mkdir()
    config.write_text("scrape_configs: []\n", encoding="utf-8")
    if text:
        (folder / "made.txt").write_text(text, encoding="utf-8")
        run_program("promtool", "tsdb", "create-blocks-from", "openmetrics", str(folder / "made.txt"), str(store))
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={store}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with _running(command, folder / "prometheus.log", port) as log:
        yield _ready(port, log)


@contextmanager
def alertmanager(folder: Path, config: Path) -> Iterator[int]:
    """Runs one with ``config``; its port."""
    program, port = need_program("prometheus-alertmanager"), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        program,
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with _running(command, folder / "alertmanager.log", port):
        yield port


@contextmanager
def _running(command: list[str], log: Path, port: int, given: Mapping[str, str] | None = None) -> Iterator[Path]:
    environment = {**os.environ, **(given or {})}
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file, env=environment) as process:
        try:
            wait_for_port(port, 30)
            yield log
        except Exception:
            print(log.read_text(errors="replace")[-3000:])
            raise
        finally:
            process.kill()


@dataclass
class Webhook:
    """What an Alertmanager has told a receiver: (status, labels) of each alert; the annotations of each."""

    url: str
    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    annotations: list[dict[str, str]] = field(default_factory=list)

    def heard(self, status: str, **labels: str) -> bool:
        """Whether it was told of such an alert."""
        return any(state == status and labels.items() <= told.items() for state, told in list(self.told))


@contextmanager
def webhook() -> Iterator[Webhook]:
    """A receiver on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.annotations.extend(alert["annotations"] for alert in body["alerts"])
            found.told.extend((alert["status"], alert["labels"]) for alert in body["alerts"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Webhook(f"http://127.0.0.1:{server.server_address[1]}/")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def redis_exporter(redis_port: int, folder: Path) -> Iterator[int | None]:
    """What reads a Redis for Prometheus; None where it is not installed."""
    program = shutil.which("prometheus-redis-exporter")
    if program is None:
        yield None
        return
    port = free_port()
    command = [program, f"-redis.addr=redis://127.0.0.1:{redis_port}", f"-web.listen-address=127.0.0.1:{port}"]
    with _running(command, folder / "redis-exporter.log", port):
        yield port


def scrape_targets(system: System, exporter: int | None = None) -> Targets:
    """What DNS would find."""
    found: dict[str, list[dict[str, Any]]] = {
        "gateway": [{"targets": [f"127.0.0.1:{system.gateway.port}"]}],
        "service": [
            {"targets": [f"127.0.0.1:{process.port}"], "labels": {"service": name}}
            for name, process in system.services.items()
        ],
    }
    return found | ({"redis": [{"targets": [f"127.0.0.1:{exporter}"]}]} if exporter else {})
