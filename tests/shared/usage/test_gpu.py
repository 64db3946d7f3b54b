"""GPUs are found once, and nothing that happens to them or their driver later is an error."""

from __future__ import annotations

import sys

import pytest

from shared.usage.gpu import Gpu, find_gpus
from tests.support.nvml import FakeNvml


@pytest.fixture
def nvml(monkeypatch: pytest.MonkeyPatch) -> FakeNvml:
    fake = FakeNvml(count=2)
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    return fake


def test_each_is_told(nvml: FakeNvml) -> None:
    gpus = find_gpus()
    assert gpus is not None
    assert gpus.read() == [Gpu(name, 0.25, 2 * 10**9, 16 * 10**9) for name in ("0", "1")]
    gpus.read()
    assert nvml.inits == 1


@pytest.mark.parametrize("broken", ["nvmlInit", "nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex"])
def test_without_a_driver_there_is_none(nvml: FakeNvml, broken: str) -> None:
    nvml.broken.add(broken)
    assert find_gpus() is None


def test_a_driver_without_a_gpu(nvml: FakeNvml) -> None:
    nvml.count = 0
    assert find_gpus() is None


def test_without_the_library_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)  # as when it is not installed
    assert find_gpus() is None


def test_what_is_not_told_is_left_out(nvml: FakeNvml) -> None:
    gpus = find_gpus()
    assert gpus is not None
    nvml.broken.add("nvmlDeviceGetUtilizationRates")
    assert gpus.read()[0] == Gpu("0", None, 2 * 10**9, 16 * 10**9)
    nvml.broken.add("nvmlDeviceGetMemoryInfo")
    assert gpus.read()[0] == Gpu("0", None, None, None)
    nvml.broken.clear()
    assert gpus.read()[0].utilization == 0.25


def test_the_real_library_is_asked_by_names_that_it_has() -> None:
    pynvml = pytest.importorskip("pynvml", reason="the extra gpu is not installed")
    missing = [name for name in vars(FakeNvml) if name.startswith("nvml") and not hasattr(pynvml, name)]
    assert missing == []
    assert issubclass(pynvml.NVMLError, Exception)
    find_gpus()  # whatever this machine has
