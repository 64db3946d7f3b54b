"""A service's bundles on the disk, and the choice among them: what the command line and the services both do."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock

from pydantic import ConfigDict

from shared.bundle import Fingerprint, fingerprint, open_bundle_as
from shared.errors import BundleError, Conflict, NotFound
from shared.manifest import BundleManifest
from shared.versions import Serving, VersionState, read_serving, revision, versions, write_serving

_READING = Lock()
"""Hundreds of megabytes are hashed: by one at a time."""


class AnyManifest(BundleManifest):
    """What all bundles have in common: the chatbot's manifest is another than the models'."""

    model_config = ConfigDict(extra="ignore")


@dataclass(frozen=True)
class Catalogue:
    """``models/<service>/``; ``choices``: where the choice is written, when not there (SERVING_PATH)."""

    models: Path
    service: str
    choices: Path | None = None

    @property
    def versions(self) -> list[str]:
        """Those that are there, the highest first."""
        return versions(self.models, self.service)

    @property
    def writable(self) -> bool:
        """Whether a choice can be written here."""
        folder = (self.choices or self.models) / self.service
        return os.access(folder if folder.is_dir() else folder.parent, os.W_OK | os.X_OK)

    @property
    def revision(self) -> str:
        """Another one whenever a choice is written. Raises OSError when it cannot be seen."""
        return revision(self.models, self.service, self.choices)

    def serving(self) -> Serving | None:
        """What is chosen; the highest whole version where nothing is, None without any. Raises BundleError for a choice
        that cannot be read."""
        return read_serving(self.models, self.service, self.choices) or self.highest()

    def standing(self) -> Serving | None:
        """The same; a choice that cannot be read counts as none, because to choose anew replaces it."""
        try:
            return self.serving()
        except BundleError:
            return self.highest()

    def highest(self) -> Serving | None:
        """What is served when nothing is chosen."""
        return next((Serving(active=state.version) for state in self.states() if state.whole), None)

    def check(self, version: str) -> None:
        """Raises NotFound for a version that is not there, Conflict for one whose files are not whole."""
        if version not in self.versions:
            there = ", ".join(self.versions) or "none"
            raise NotFound(f"There is no version {version} of {self.service}; there are: {there}.")
        try:
            open_bundle_as(AnyManifest, self.models / self.service / version)
        except BundleError as error:
            raise Conflict(f"{self.service}/{version} cannot be served: {error.detail}.") from error

    def activate(self, version: str, seen: str | None = None, may: Callable[[], None] | None = None) -> Serving:
        """Serves ``version`` from now on, once it is checked; the choice as it is written.

        ``seen``: the revision that was looked at; Conflict when there is another since, unless it chose the same.
        ``may``: raises where it is too late. Raises what `check`, `write` and ``may`` do.
        """
        self.check(version)
        with self.alone():
            before = self.standing()
            if seen is not None and seen != self.revision:
                if before and before.active == version:
                    return before
                raise Conflict(f"Another version of {self.service} was chosen meanwhile: look, and choose again.")
            chosen = activated(before, version) if before else Serving(active=version)
            if may:
                may()
            self.write(chosen)
        return chosen

    @contextmanager
    def alone(self) -> Iterator[None]:
        """For who reads a choice and writes another: nobody else does meanwhile. Raises OSError without the folder."""
        opened = os.open(self.choices or self.models, os.O_RDONLY)
        try:
            with suppress(OSError):  # a file system without locks: each file is whole all the same
                fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            os.close(opened)

    def write(self, chosen: Serving) -> None:
        """Raises OSError, and leaves the choice as it was, when it cannot."""
        write_serving(self.models, self.service, chosen, self.choices)

    def states(self) -> list[VersionState]:
        """Whether the files of each version are whole; those that have not changed since are not read again."""
        home = self.models / self.service
        with _READING:  # who asks meanwhile waits for what is found
            return [_state(home / version, fingerprint(home / version)) for version in self.versions]


def activated(before: Serving, version: str) -> Serving:
    """A version that becomes active is nobody's canary or shadow any more."""
    changes: dict[str, object] = {"active": version}
    if before.active != version:
        changes["previous"] = before.active
    if before.canary and before.canary.version == version:
        changes["canary"] = None
    if before.shadow == version:
        changes["shadow"] = None
    return before.model_copy(update=changes)


@lru_cache(maxsize=256)
def _state(root: Path, seen: Fingerprint) -> VersionState:
    """``seen`` is what makes it another question once a file has changed."""
    try:
        created = open_bundle_as(AnyManifest, root).manifest.created
    except BundleError as error:
        return VersionState(version=root.name, created=None, whole=False, problem=error.detail)
    return VersionState(version=root.name, created=_time(created), whole=True, problem=None)


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
