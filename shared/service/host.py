"""Holds the model of a service: loads it, proves it, watches its files, and says truthfully whether it may answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Generic, Protocol, Self, TypeVar

from shared.bundle import Fingerprint
from shared.errors import BundleError, ModelUnavailable
from shared.logs import get_logger
from shared.registry import STOPPING
from shared.tasks import end_task

_log = get_logger(__name__)


class Pool(Protocol):
    """What is told of the workers."""

    size: int
    busy: int

    @property
    def waiting(self) -> int: ...


class Named(Protocol):
    """Which bundle it is."""

    @property
    def version(self) -> str: ...

    @property
    def digest(self) -> str: ...


class Loaded(Named, Protocol):
    """A model in memory that has given its golden answer."""

    @property
    def pool(self) -> Pool: ...

    @property
    def notice(self) -> str | None:
        """What should be served instead, and why it is not."""
        ...

    @property
    def beside(self) -> Mapping[str, str]:
        """Role → version, of what is served beside the active one."""
        ...

    def models(self) -> Mapping[str, Named]:
        """Role → model, of all that are served, the active one's included."""
        ...

    def close(self, keeping: Self | None = None) -> None:
        """Frees what ``keeping`` does not share, once the work that it has is done."""
        ...


M = TypeVar("M", bound=Loaded)


class Loader(Protocol[M]):
    """How a kind of model is found and loaded. Both run in a thread, and raise BundleError with the reason."""

    def fingerprint(self) -> Fingerprint:
        """Changes when anything on disk that the model is made of does."""
        ...

    def load(self, current: M | None) -> M | None:
        """The model that the files hold now, warm; None when ``current`` still is that."""
        ...


class ModelHost(Generic[M]):
    """``ready`` only while a model is loaded, its files still match, and the process is not draining."""

    def __init__(self, model: str, loader: Loader[M], *, watch_interval_s: float) -> None:
        self._name = model
        self._loader = loader
        self._watch_interval_s = watch_interval_s
        self._model: M | None = None
        self._failure: str | None = "the model is loading"
        self._seen: Fingerprint | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.draining = False
        self.failures = 0
        """Times that a model was not served, or another than was asked for."""
        self.changed = asyncio.Event()
        """Set whenever readiness may have changed, so that the announcement need not wait for the next heartbeat."""

    @property
    def reason(self) -> str | None:
        """Why this instance is not ready; None when it is."""
        return STOPPING if self.draining else self._failure

    @property
    def loaded(self) -> M | None:
        """The model in memory, ready or not."""
        return self._model

    def require(self) -> M:
        """The model to answer with. Raises ModelUnavailable with the reason.

        An instance that drains still answers what reaches it: it is withdrawn, not broken.
        """
        if self._failure is not None or self._model is None:
            raise ModelUnavailable(f"{self._name} is not available: {self._failure}.")
        return self._model

    async def start(self) -> None:
        """Begins to load and to watch; returns at once."""
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Ends the watch and the workers, after the work in hand."""
        await end_task(self._watcher)
        if self._model:
            await asyncio.to_thread(self._model.close)

    def drain(self) -> None:
        """Not ready from now on."""
        self.draining = True
        self.changed.set()

    async def _watch(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(self._watch_interval_s)

    async def _look(self) -> None:
        """Loads again whatever differs from what was last looked at; a bundle that is whole again comes back."""
        try:
            seen = await self._fingerprint()
            if seen == self._seen:
                return
            self._seen = seen
            await self._load()
        except BundleError as error:
            self._fail(error.detail)
        except Exception as error:  # noqa: BLE001 - a library's surprise must leave the process up and not ready
            _log.error("model_load_failed", exc_info=error)
            self._fail(f"the model cannot be loaded: {type(error).__name__}")

    async def _fingerprint(self) -> Fingerprint:
        try:
            return await asyncio.to_thread(self._loader.fingerprint)
        except BundleError:
            # distinct from every folder's, so that the reason is told and a bundle that appears is seen
            self._seen = None
            raise

    async def _load(self) -> None:
        model = await asyncio.to_thread(self._loader.load, self._model)
        if model is not None:
            previous, self._model = self._model, model
            if model.notice and model.notice != (previous.notice if previous else None):
                self.failures += 1
                _log.error("version_not_served", model=self._name, serving=model.version, reason=model.notice)
            if previous:
                _log.info("model_replaced", model=self._name, version=model.version, previous=previous.version)
                self._announce()
                await asyncio.to_thread(previous.close, model)
        if self._failure is not None:
            assert self._model is not None  # noqa: S101 - load gives None only for the loaded one
            _log.info("model_ready", model=self._name, version=self._model.version)
        self._announce()

    def _announce(self) -> None:
        self._failure = None
        self.changed.set()

    def _fail(self, reason: str) -> None:
        if reason != self._failure:
            _log.error("model_not_ready", model=self._name, reason=reason)
            self.failures += 1
            self.changed.set()
        self._failure = reason
