"""All that must hold of what is rendered, together."""

from __future__ import annotations

from tests.support.kubernetes.hardening import limited, restricted, tagged, watched
from tests.support.kubernetes.manifests import Manifest
from tests.support.kubernetes.references import found
from tests.support.kubernetes.settings import in_time, known
from tests.support.kubernetes.wiring import connected, scaled, selecting

_POLICIES = (restricted, limited, tagged, watched, selecting, scaled, connected, found, known, in_time)


def problems(objects: list[Manifest]) -> list[str]:
    """One line for each thing that is wrong; empty when all is well."""
    return [problem for policy in _POLICIES for problem in policy(objects)]
