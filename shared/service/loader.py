"""Finds and loads model bundles: checked, opened by their runtime, and proved on every worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from shared.backends import Backend, open_backend
from shared.bundle import Bundle, Fingerprint, fingerprint, loading, open_bundle
from shared.cgroup import worker_count
from shared.definition import ServiceDefinition
from shared.errors import BundleError
from shared.inference.pool import WorkerPool
from shared.inference.predictor import Predictor
from shared.service.drift import DriftWatch
from shared.service.golden import warm_up
from shared.service.served import LoadedModel, PredictionPool, Served, takes
from shared.service.settings import ServiceSettings
from shared.versions import Serving, read_serving, versions


class BundleLoader:
    """Serves the bundles of ``definition`` that the settings, or the operator's ``serving.json``, choose.

    ``on_batch`` is told how many samples a worker took at once.
    """

    def __init__(
        self,
        definition: ServiceDefinition,
        settings: ServiceSettings,
        on_batch: Callable[[int], None] | None = None,
    ) -> None:
        self._definition = definition
        self._settings = settings
        self._on_batch = on_batch

    def fingerprint(self) -> Fingerprint:
        self._candidates(None)
        choices = self._settings.serving_path
        return fingerprint(self._home) + (fingerprint(choices / self._home.name) if choices else ())

    def load(self, current: Served | None) -> Served | None:
        """What is to be served from now on; None when ``current`` is that, notice and all.

        Raises BundleError when nothing may be served: also when the files of the model that is served no longer are
        what they were. Any other bundle that is bad leaves the one that is served, with a notice.
        """
        notices: list[str] = []
        known = list(current.models().values()) if current else []
        try:
            serving = self._serving()
            active = self._active(serving, current, known, notices)
        except BundleError as error:
            if current is None or not _holds(current.bundle):
                raise
            serving, active = None, current.active
            notices = notices or [error.detail]
        chosen = serving.canary if serving else None
        canary = self._extra(chosen.version if chosen else None, known, notices, instead_of=active)
        shadow = self._extra(serving.shadow if serving else None, known, notices)
        share = chosen.share if chosen and canary else 0.0
        served = Served(active, canary, share, shadow, "; ".join(notices) or None)
        return None if current and _same(served, current) else served

    @property
    def _home(self) -> Path:
        return self._settings.model_path / self._definition.service

    def _serving(self) -> Serving | None:
        # a version that the environment names wins over the file
        settings = self._settings
        if settings.model_version:
            return None
        return read_serving(settings.model_path, self._home.name, settings.serving_path)

    def _candidates(self, serving: Serving | None) -> list[str]:
        """The versions that may be active, the one that should be first."""
        service, pinned = self._home.name, self._settings.model_version or (serving.active if serving else None)
        found = versions(self._settings.model_path, service)
        if pinned and pinned not in found:
            raise BundleError(f"no bundle {service}/{pinned} under the model path")
        if not found:
            raise BundleError(f"no bundle for {service} under the model path")
        return [pinned] if pinned else found

    def _active(
        self, serving: Serving | None, current: Served | None, known: list[LoadedModel], notices: list[str]
    ) -> LoadedModel:
        """The first candidate that is good. Raises BundleError with the first's reason when none is."""
        failed: BundleError | None = None
        for version in self._candidates(serving):
            try:
                return self._model(open_bundle(self._home / version), known)
            except BundleError as error:
                if current and version == current.version:
                    raise
                failed = failed or error
                notices.append(f"version {version} is not served: {error.detail}")
        assert failed is not None  # noqa: S101 - there is a candidate, or _candidates has raised
        raise failed

    def _extra(
        self,
        version: str | None,
        known: list[LoadedModel],
        notices: list[str],
        *,
        instead_of: LoadedModel | None = None,
    ) -> LoadedModel | None:
        """The model of a version, or None with a notice. ``instead_of``: it must take whatever that one takes."""
        if version is None:
            return None
        try:
            bundle = open_bundle(self._home / version)
            # a canary that could not answer what the active version answers would make requests fail
            if instead_of and not takes(instead_of.bundle) <= takes(bundle):
                raise BundleError(f"it does not take all that {instead_of.version} takes")
            return self._model(bundle, known)
        except BundleError as error:
            notices.append(f"version {version} is not served: {error.detail}")
            return None

    def _model(self, bundle: Bundle, known: list[LoadedModel]) -> LoadedModel:
        """The model of a bundle: the one in memory when its files still are the same."""
        for model in known:
            if model.digest == bundle.digest:
                return model
        model = self._build(bundle)
        known.append(model)  # a version may have two roles
        return model

    def _build(self, bundle: Bundle) -> LoadedModel:
        self._check_fit(bundle)
        manifest = bundle.manifest
        with loading(manifest.version):
            backend = open_backend(bundle)
            try:
                pool = self._pool(bundle, backend)
            except BaseException:
                backend.close()
                raise
        reference = manifest.signatures[manifest.default_signature].reference
        return LoadedModel(bundle, pool, backend, DriftWatch(reference, manifest.labels) if reference else None)

    def _pool(self, bundle: Bundle, backend: Backend) -> PredictionPool:
        return WorkerPool(
            lambda: self._predictor(bundle, backend),
            workers=self._settings.workers or backend.workers(worker_count()),
            max_batch=backend.max_batch,
            max_queue=self._settings.max_queue,
            on_batch=self._on_batch,
        )

    def _predictor(self, bundle: Bundle, backend: Backend) -> Predictor:
        """A worker that has given the golden answer: every one is warm before the instance is ready."""
        definition, limit = self._definition, self._settings.max_image_pixels
        predictor = Predictor(bundle, backend, definition.features, max_pixels=limit, look=definition.look)
        warm_up(bundle, predictor)
        return predictor

    def _check_fit(self, bundle: Bundle) -> None:
        manifest = bundle.manifest
        if manifest.model != self._definition.model:
            raise BundleError(f"the bundle is of {manifest.model}, this service is {self._definition.model}")
        unknown = [label for label in manifest.labels if label not in self._definition.classes]
        if unknown:
            raise BundleError(f"the service has no texts for {', '.join(unknown)}")


def _holds(bundle: Bundle) -> bool:
    """Whether the files that a bundle was loaded from still are what they were."""
    try:
        return open_bundle(bundle.root).digest == bundle.digest
    except BundleError:
        return False


def _same(one: Served, other: Served) -> bool:
    return (one.models(), one.share, one.notice) == (other.models(), other.share, other.notice)
