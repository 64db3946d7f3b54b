"""The metrics that the gateway and every service have in common. Read at each scrape, which nothing here makes fail.

A disk or a GPU's driver that hangs is read in the background, because the gateway is scraped on its event loop.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.cgroup import ROOT, cpu_limit
from shared.usage.background import Background
from shared.usage.gpu import Gpu, Gpus, find_gpus
from shared.usage.memory import memory
from shared.version import VERSION


def usage_collector(component: str, volumes: Mapping[str, Path]) -> Collector:
    """To be registered once a process. ``component``: "gateway", or the service's name.

    ``volumes``: name → a folder on the disk to watch; one that is not there (yet) is left out.
    """
    return UsageCollector(component, volumes, find_gpus(), ROOT)


class UsageCollector(Collector):
    """``cgroup``: where the kernel tells what this container may use and does."""

    def __init__(self, component: str, volumes: Mapping[str, Path], gpus: Gpus | None, cgroup: Path) -> None:
        self._build = {"version": VERSION, "component": component}
        self._disks = {name: Background(name, partial(_disk, path)) for name, path in volumes.items()}
        self._gpus = Background("gpus", gpus.read) if gpus else None
        self._cgroup = cgroup

    def collect(self) -> Iterator[Metric]:
        reading: list[Background[Any]] = [*self._disks.values(), *([self._gpus] if self._gpus else [])]
        for one in reading:  # all side by side, then each is waited for
            one.refresh()
        yield from self._told()

    def describe(self) -> Iterator[Metric]:
        """Lets a registry refuse a second collector of the same names, without a look at a disk."""
        return self._told()

    def _told(self) -> Iterator[Metric]:
        yield InfoMetricFamily("doctorai_build", "The build that runs, as labels", self._build)
        yield from self._memory()
        yield GaugeMetricFamily("cpu_limit_cores", "CPUs that the container may use", cpu_limit(self._cgroup))
        yield from _disks({name: disk.latest() for name, disk in self._disks.items()})
        if self._gpus:
            yield from _gpus(self._gpus.latest() or ())

    def _memory(self) -> Iterator[Metric]:
        now = memory(self._cgroup)
        text = "of the container, or of the machine where it has no limit"
        yield GaugeMetricFamily("memory_usage_percent", f"Share of the memory in use, 0-100, {text}", now.percent)
        yield GaugeMetricFamily("memory_usage_bytes", f"Memory in use {text}", now.used)
        yield GaugeMetricFamily("memory_limit_bytes", f"Memory {text}", now.limit)


def _disk(path: Path) -> tuple[int, int] | None:
    """Free and whole, in bytes; None for one that is not there, or no longer: another's numbers would be wrong."""
    try:
        usage = shutil.disk_usage(path)
    except OSError:
        return None
    return usage.free, usage.total


def _disks(volumes: Mapping[str, tuple[int, int] | None]) -> Iterator[Metric]:
    free = GaugeMetricFamily("disk_free_bytes", "Free for this process, on the volume's disk", labels=["volume"])
    size = GaugeMetricFamily("disk_size_bytes", "Size of the volume's disk", labels=["volume"])
    for name, disk in volumes.items():
        if disk:
            free.add_metric([name], disk[0])
            size.add_metric([name], disk[1])
    yield from (free, size)


def _gpus(gpus: Iterable[Gpu]) -> Iterator[Metric]:
    busy = GaugeMetricFamily("gpu_utilization_ratio", "Share of the time that the GPU was busy, 0-1", labels=["gpu"])
    used = GaugeMetricFamily("gpu_memory_used_bytes", "Memory of the GPU in use", labels=["gpu"])
    total = GaugeMetricFamily("gpu_memory_total_bytes", "Memory of the GPU", labels=["gpu"])
    for gpu in gpus:
        for family, value in ((busy, gpu.utilization), (used, gpu.used), (total, gpu.total)):
            if value is not None:
                family.add_metric([gpu.name], value)
    yield from (busy, used, total)
