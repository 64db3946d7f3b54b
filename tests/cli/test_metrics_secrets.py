"""The secrets of the monitoring overlay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from cli.metrics_secrets import EXPORTER_FILE, METRICS, REDIS_SERVERS, main
from tests.conftest import REPOSITORY


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    for name in ("own", "redis", "exporter"):
        (tmp_path / name).mkdir()
    (tmp_path / "redis" / "redis_metrics_password").write_text("first\n", encoding="utf-8")
    return [str(tmp_path / name) for name in ("own", "redis", "exporter")]


def test_its_own_are_made_once(folders: list[str]) -> None:
    assert main(folders) == 0
    made = {name: Path(folders[0], name).read_text() for name in METRICS}
    assert main(folders) == 0
    assert {name: Path(folders[0], name).read_text() for name in METRICS} == made


def test_the_exporter_has_redis_password_as_it_reads_it(folders: list[str]) -> None:
    main(folders)
    Path(folders[1], "redis_metrics_password").write_text("a new one", encoding="utf-8")
    main(folders)
    path = Path(folders[2], EXPORTER_FILE)
    assert json.loads(path.read_text())["redis://metrics@redis:6379"] == "a new one"
    assert path.stat().st_mode & 0o777 == 0o444


def test_every_server_that_prometheus_looks_for_has_one() -> None:
    text = (REPOSITORY / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    (job,) = (job for job in yaml.safe_load(text)["scrape_configs"] if job["job_name"] == "redis")
    assert tuple(job["dns_sd_configs"][0]["names"]) == REDIS_SERVERS
