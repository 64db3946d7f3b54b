"""Holds the model of a service: loads it, proves it, watches its files, and says truthfully whether it may answer."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from shared.backends import Backend, open_backend
from shared.bundle import Bundle, Fingerprint, find_bundle, fingerprint, open_bundle
from shared.cgroup import worker_count
from shared.definition import ServiceDefinition
from shared.errors import BundleError, ModelUnavailable
from shared.inference.pool import WorkerPool
from shared.inference.predictor import Inference, Predictor, Sample
from shared.logs import get_logger
from shared.registry import STOPPING
from shared.service.golden import warm_up
from shared.service.settings import ServiceSettings

_log = get_logger(__name__)
Pool = WorkerPool[Sample, Inference]


@dataclass(frozen=True)
class LoadedModel:
    """A bundle that passed its golden inference, and the workers that run it."""

    bundle: Bundle
    pool: Pool
    backend: Backend

    def close(self) -> None:
        self.pool.close()
        self.backend.close()


class ModelHost:
    """``ready`` only while a model is loaded, its files still match, and the process is not draining."""

    def __init__(self, definition: ServiceDefinition, settings: ServiceSettings) -> None:
        self._definition = definition
        self._settings = settings
        self._model: LoadedModel | None = None
        self._failure: str | None = "the model is loading"
        self._seen: Fingerprint | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.draining = False
        self.changed = asyncio.Event()
        """Set whenever readiness may have changed, so that the announcement need not wait for the next heartbeat."""

    @property
    def reason(self) -> str | None:
        """Why this instance is not ready; None when it is."""
        return STOPPING if self.draining else self._failure

    @property
    def loaded(self) -> LoadedModel | None:
        """The model in memory, ready or not."""
        return self._model

    def require(self) -> LoadedModel:
        """The model to answer with. Raises ModelUnavailable with the reason.

        An instance that drains still answers what reaches it: it is withdrawn, not broken.
        """
        if self._failure is not None or self._model is None:
            raise ModelUnavailable(f"{self._definition.model} is not available: {self._failure}.")
        return self._model

    async def start(self) -> None:
        """Begins to load and to watch; returns at once."""
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Ends the watch and the workers, after the work in hand."""
        if self._watcher:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        if self._model:
            await asyncio.to_thread(self._model.close)

    def drain(self) -> None:
        """Not ready from now on."""
        self.draining = True
        self.changed.set()

    async def _watch(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(self._settings.watch_interval_s)

    async def _look(self) -> None:
        """Loads again whatever differs from what was last looked at; a bundle that is whole again comes back."""
        try:
            seen = await asyncio.to_thread(self._fingerprint)
            if seen == self._seen:
                return
            self._seen = seen
            await self._load()
        except BundleError as error:
            self._fail(error.detail)
        except Exception as error:  # noqa: BLE001 - a library's surprise must leave the process up and not ready
            _log.error("model_load_failed", exc_info=error)
            self._fail(f"the model cannot be loaded: {type(error).__name__}")

    def _find(self) -> Bundle | None:
        """The loaded bundle when it is still the one to serve and still whole."""
        root = find_bundle(self._settings.model_path, self._definition.service, self._settings.model_version)
        bundle = open_bundle(root)
        same = self._model is not None and self._model.bundle.digest == bundle.digest
        return None if same else bundle

    def _fingerprint(self) -> Fingerprint:
        try:
            root = find_bundle(self._settings.model_path, self._definition.service, self._settings.model_version)
        except BundleError:
            # distinct from every folder's, so that the reason is told and a bundle that appears is seen
            self._seen = None
            raise
        return ((str(root), 0, 0, 0), *fingerprint(root))

    async def _load(self) -> None:
        bundle = await asyncio.to_thread(self._find)
        if bundle is not None:
            model = await asyncio.to_thread(self._build, bundle)
            previous, self._model = self._model, model
            if previous:
                await asyncio.to_thread(previous.close)
        if self._failure is not None:
            assert self._model is not None  # noqa: S101 - _find gives None only for the loaded one
            _log.info("model_ready", model=self._definition.model, version=self._model.bundle.manifest.version)
        self._failure = None
        self.changed.set()

    def _build(self, bundle: Bundle) -> LoadedModel:
        self._check_fit(bundle)
        backend = open_backend(bundle)
        workers = self._settings.workers or backend.workers(worker_count())
        pool: Pool = WorkerPool(
            lambda: self._predictor(bundle, backend),
            workers=workers,
            max_batch=backend.max_batch,
            max_queue=self._settings.max_queue,
        )
        return LoadedModel(bundle, pool, backend)

    def _predictor(self, bundle: Bundle, backend: Backend) -> Predictor:
        """A worker that has given the golden answer: every one is warm before the instance is ready."""
        features, limit = self._definition.features, self._settings.max_image_pixels
        predictor = Predictor(bundle, backend, features, max_pixels=limit)
        warm_up(bundle, predictor)
        return predictor

    def _check_fit(self, bundle: Bundle) -> None:
        manifest = bundle.manifest
        if manifest.model != self._definition.model:
            raise BundleError(f"the bundle is of {manifest.model}, this service is {self._definition.model}")
        unknown = [label for label in manifest.labels if label not in self._definition.classes]
        if unknown:
            raise BundleError(f"the service has no texts for {', '.join(unknown)}")

    def _fail(self, reason: str) -> None:
        if reason != self._failure:
            _log.error("model_not_ready", model=self._definition.model, reason=reason)
            self.changed.set()
        self._failure = reason
