"""A stand-in for nvidia-ml-py's module ``pynvml``: GPUs that are not there."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any


class NVMLError(Exception):
    """As the real one: the base of all that the library raises."""


class FakeNvml(ModuleType):
    """``count`` GPUs, each a quarter busy, 2 of 16 GB in use. What is named in ``broken`` raises."""

    NVMLError = NVMLError

    def __init__(self, count: int = 1) -> None:
        super().__init__("pynvml")
        self.count = count
        self.broken: set[str] = set()
        self.inits = 0

    def nvmlInit(self) -> None:  # noqa: N802 - the library's name
        self.inits += 1
        self._answer("nvmlInit", None)

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return int(self._answer("nvmlDeviceGetCount", self.count))

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        return int(self._answer("nvmlDeviceGetHandleByIndex", index))

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:  # noqa: N802
        return self._answer("nvmlDeviceGetUtilizationRates", SimpleNamespace(gpu=25, memory=5))

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:  # noqa: N802
        return self._answer("nvmlDeviceGetMemoryInfo", SimpleNamespace(used=2 * 10**9, total=16 * 10**9))

    def _answer(self, name: str, value: Any) -> Any:
        if name in self.broken:
            raise NVMLError(name)
        return value
