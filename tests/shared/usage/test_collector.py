"""What the gateway and every service have in common; a scrape survives whatever happens to the machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from shared.usage import usage_collector
from shared.usage.collector import UsageCollector
from shared.usage.gpu import Gpus
from shared.version import VERSION
from tests.support.expositions import families, labels_of
from tests.support.nvml import FakeNvml

GIB = 2**30


@pytest.fixture
def cgroup(tmp_path: Path) -> Path:
    root = tmp_path / "cgroup"
    root.mkdir()
    for name, text in {
        "memory.current": "750",
        "memory.max": "1000",
        "memory.stat": "inactive_file 250",
        "cpu.max": "50000 100000",
    }.items():
        (root / name).write_text(text)
    return root


def registry_of(*collectors: UsageCollector) -> CollectorRegistry:
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    return registry


def test_what_is_told(cgroup: Path, tmp_path: Path) -> None:
    registry = registry_of(UsageCollector("palm", {"models": tmp_path}, None, cgroup))
    value = registry.get_sample_value
    assert value("doctorai_build_info", {"version": VERSION, "component": "palm"}) == 1
    assert value("memory_usage_percent") == 50
    assert (value("memory_usage_bytes"), value("memory_limit_bytes")) == (500, 1000)
    assert value("cpu_limit_cores") == 0.5
    disk = shutil.disk_usage(tmp_path)
    assert value("disk_size_bytes", {"volume": "models"}) == disk.total
    assert value("disk_free_bytes", {"volume": "models"}) == pytest.approx(disk.free, rel=0.5)
    assert not [name for name in families(generate_latest(registry).decode()) if name.startswith("gpu_")]


def test_it_is_read_at_each_scrape(cgroup: Path) -> None:
    registry = registry_of(UsageCollector("palm", {}, None, cgroup))
    (cgroup / "memory.current").write_text("1150")
    (cgroup / "cpu.max").write_text("25000 100000")
    assert registry.get_sample_value("memory_usage_percent") == 90
    assert registry.get_sample_value("cpu_limit_cores") == 0.25


def test_a_volume_that_is_gone_is_left_out_and_comes_back(cgroup: Path, tmp_path: Path) -> None:
    volumes = {"audit": tmp_path, "feedback": tmp_path / "later"}
    registry = registry_of(UsageCollector("gateway", volumes, None, cgroup))
    assert registry.get_sample_value("disk_size_bytes", {"volume": "feedback"}) is None
    assert registry.get_sample_value("disk_size_bytes", {"volume": "audit"})
    (tmp_path / "later").mkdir()
    assert registry.get_sample_value("disk_size_bytes", {"volume": "feedback"})


def test_a_scrape_survives_a_cgroup_that_vanishes(cgroup: Path) -> None:
    registry = registry_of(UsageCollector("palm", {}, None, cgroup))
    shutil.rmtree(cgroup)
    assert (registry.get_sample_value("memory_limit_bytes") or 0) > 1000
    assert (registry.get_sample_value("cpu_limit_cores") or 0) > 0


def test_gpus(cgroup: Path) -> None:
    nvml = FakeNvml()
    registry = registry_of(UsageCollector("tumor", {}, Gpus(nvml, [0]), cgroup))
    gpu = {"gpu": "0"}
    assert registry.get_sample_value("gpu_utilization_ratio", gpu) == 0.25
    assert registry.get_sample_value("gpu_memory_used_bytes", gpu) == 2e9
    assert registry.get_sample_value("gpu_memory_total_bytes", gpu) == 16e9
    nvml.broken.add("nvmlDeviceGetUtilizationRates")
    assert registry.get_sample_value("gpu_utilization_ratio", gpu) is None
    assert registry.get_sample_value("gpu_memory_used_bytes", gpu) == 2e9


def test_a_name_that_is_there_already_is_refused(cgroup: Path) -> None:
    """Two of one name would be an answer that Prometheus does not read."""
    registry = registry_of(UsageCollector("gateway", {}, None, cgroup))
    with pytest.raises(ValueError, match="doctorai_build"):
        registry.register(UsageCollector("palm", {}, None, cgroup))


def test_of_this_machine(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    registry.register(usage_collector("gateway", {"audit": tmp_path}))
    labels = labels_of(generate_latest(registry).decode())
    assert labels["disk_free_bytes"] == {"volume"}
    assert 0 < (registry.get_sample_value("memory_usage_percent") or 0) < 100
