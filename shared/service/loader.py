"""Finds and loads a model bundle: checked, opened by its runtime, and proved on every worker."""

from __future__ import annotations

from dataclasses import dataclass

from shared.backends import Backend, open_backend
from shared.bundle import Bundle, Fingerprint, find_bundle, fingerprint, open_bundle
from shared.cgroup import worker_count
from shared.definition import ServiceDefinition
from shared.errors import BundleError
from shared.inference.pool import WorkerPool
from shared.inference.predictor import Inference, Predictor, Sample
from shared.service.golden import warm_up
from shared.service.settings import ServiceSettings

PredictionPool = WorkerPool[Sample, Inference]


@dataclass(frozen=True)
class LoadedModel:
    """A bundle that passed its golden inference, and the workers that run it."""

    bundle: Bundle
    pool: PredictionPool
    backend: Backend

    @property
    def version(self) -> str:
        return self.bundle.manifest.version

    @property
    def digest(self) -> str:
        return self.bundle.digest

    def close(self) -> None:
        self.pool.close()
        self.backend.close()


class BundleLoader:
    """Serves the bundle of ``definition`` that the settings choose."""

    def __init__(self, definition: ServiceDefinition, settings: ServiceSettings) -> None:
        self._definition = definition
        self._settings = settings

    def fingerprint(self) -> Fingerprint:
        root = find_bundle(self._settings.model_path, self._definition.service, self._settings.model_version)
        return ((str(root), 0, 0, 0), *fingerprint(root))

    def load(self, current: LoadedModel | None) -> LoadedModel | None:
        root = find_bundle(self._settings.model_path, self._definition.service, self._settings.model_version)
        bundle = open_bundle(root)
        same = current is not None and current.bundle.digest == bundle.digest
        return None if same else self._build(bundle)

    def _build(self, bundle: Bundle) -> LoadedModel:
        self._check_fit(bundle)
        backend = open_backend(bundle)
        workers = self._settings.workers or backend.workers(worker_count())
        pool: PredictionPool = WorkerPool(
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
