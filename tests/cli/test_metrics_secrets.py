"""The secrets of the monitoring overlay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from cli.metrics_secrets import EXPORTER_FILE, REDIS_SERVERS, main
from tests.conftest import REPOSITORY

FOLDERS = ("metrics", "grafana", "redis", "exporter")


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    (tmp_path / "redis" / "redis_metrics_password").write_text("first\n", encoding="utf-8")
    return [str(tmp_path / name) for name in FOLDERS]


def test_its_own_are_made_once(folders: list[str]) -> None:
    assert main(folders) == 0
    made = own(folders)
    assert made.keys() == {"metrics/metrics_token", "grafana/grafana_password"}
    assert main(folders) == 0
    assert own(folders) == made


def own(folders: list[str]) -> dict[str, str]:
    """Folder and name → secret, of what is not Redis's."""
    return {
        f"{Path(folder).name}/{path.name}": path.read_text()
        for folder in folders[:2]
        for path in Path(folder).iterdir()
    }


def test_grafana_keeps_the_password_that_once_lay_beside_the_token(folders: list[str]) -> None:
    Path(folders[0], "grafana_password").write_text("chosen long ago", encoding="utf-8")
    main(folders)
    assert own(folders)["grafana/grafana_password"] == "chosen long ago"
    assert "metrics/grafana_password" not in own(folders)


def test_the_exporter_has_redis_password_as_it_reads_it(folders: list[str]) -> None:
    main(folders)
    Path(folders[2], "redis_metrics_password").write_text("a new one", encoding="utf-8")
    main(folders)
    path = Path(folders[3], EXPORTER_FILE)
    assert json.loads(path.read_text())["redis://metrics@redis:6379"] == "a new one"
    assert path.stat().st_mode & 0o777 == 0o444


def test_every_server_that_prometheus_looks_for_has_one() -> None:
    text = (REPOSITORY / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    (job,) = (job for job in yaml.safe_load(text)["scrape_configs"] if job["job_name"] == "redis")
    assert tuple(job["dns_sd_configs"][0]["names"]) == REDIS_SERVERS
