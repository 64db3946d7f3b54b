"""The GPUs that NVIDIA's library shows to this process; none without it, a driver, or a GPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Gpu:
    """One GPU now. ``utilization`` 0…1, memory in bytes; None for what it does not tell, as a part of one may not."""

    name: str
    utilization: float | None
    used: int | None
    total: int | None


class Gpus:
    """Found once: ``library`` is the module ``pynvml``, ``handles`` are its names of the GPUs."""

    def __init__(self, library: Any, handles: Sequence[Any]) -> None:
        self._library = library
        self._handles = handles

    def read(self) -> list[Gpu]:
        """Each GPU, in the library's order. Never raises: a GPU that was lost tells nothing."""
        return [self._one(str(at), handle) for at, handle in enumerate(self._handles)]

    def _one(self, name: str, handle: Any) -> Gpu:
        rates = self._ask(self._library.nvmlDeviceGetUtilizationRates, handle)
        memory = self._ask(self._library.nvmlDeviceGetMemoryInfo, handle)
        return Gpu(
            name,
            utilization=rates.gpu / 100 if rates else None,
            used=memory.used if memory else None,
            total=memory.total if memory else None,
        )

    def _ask(self, question: Callable[[Any], Any], handle: Any) -> Any:
        try:
            return question(handle)
        except self._library.NVMLError:
            return None


def find_gpus() -> Gpus | None:
    """None when there is none, or nvidia-ml-py (the extra ``gpu``) is not installed."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(at) for at in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
        return None
    return Gpus(pynvml, handles) if handles else None
