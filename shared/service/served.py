"""What a service serves at one moment: the active bundle, perhaps a canary and a shadow, and why it is not another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from shared.backends import Backend
from shared.bundle import Bundle
from shared.inference.pool import WorkerPool
from shared.inference.predictor import Inference, Sample
from shared.inference.prepare import Payload
from shared.manifest import TabularInput
from shared.service.drift import DriftWatch

PredictionPool = WorkerPool[Sample, Inference]


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A bundle that passed its golden inference, the workers that run it, and what they have seen lately."""

    bundle: Bundle
    pool: PredictionPool
    backend: Backend
    drift: DriftWatch | None = None

    @property
    def version(self) -> str:
        return self.bundle.manifest.version

    @property
    def digest(self) -> str:
        return self.bundle.digest

    def close(self) -> None:
        """Ends when what was asked of it has been answered."""
        self.pool.close()
        self.backend.close()


@dataclass(frozen=True, eq=False)
class Served:
    """``share`` of the inputs are the canary's. ``notice``: what was asked for and is not served, and why."""

    active: LoadedModel
    canary: LoadedModel | None = None
    share: float = 0.0
    shadow: LoadedModel | None = None
    notice: str | None = None

    @property
    def version(self) -> str:
        return self.active.version

    @property
    def digest(self) -> str:
        return self.active.digest

    @property
    def bundle(self) -> Bundle:
        return self.active.bundle

    @property
    def pool(self) -> PredictionPool:
        return self.active.pool

    @property
    def beside(self) -> dict[str, str]:
        """Role → version, of the others."""
        return {role: model.version for role, model in self.models().items() if role != "active"}

    def models(self) -> dict[str, LoadedModel]:
        """Role → model."""
        found = {"active": self.active, "canary": self.canary, "shadow": self.shadow}
        return {role: model for role, model in found.items() if model}

    def choose(self, payload: Payload) -> LoadedModel:
        """Who answers: the same input always goes to the same version, so that an answer can be asked for again."""
        return self.canary if self.canary and _place(payload) < self.share else self.active

    def close(self, keeping: Served | None = None) -> None:
        """Closes what ``keeping`` does not go on with."""
        kept = set(keeping.models().values()) if keeping else set()
        for model in set(self.models().values()) - kept:
            model.close()


def takes(bundle: Bundle) -> set[tuple[str, ...]]:
    """What a caller may send: the names of the numbers, in their order; nothing for a picture."""
    inputs = (signature.input for signature in bundle.manifest.signatures.values())
    return {spec.names if isinstance(spec, TabularInput) else () for spec in inputs}


def _place(payload: Payload) -> float:
    """0…1, evenly spread over inputs."""
    data = payload if isinstance(payload, bytes) else repr(payload).encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=7).digest(), "big") / 2**56
