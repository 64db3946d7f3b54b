"""Versions come and go."""

from __future__ import annotations

from shared.recent_versions import MOST, RecentVersions


def test_the_version_that_was_silent_for_longest_is_forgotten() -> None:
    forgotten: list[str] = []
    versions = RecentVersions(forgotten.append)
    for at in range(MOST):
        versions.see(str(at))
    versions.see("0")
    assert forgotten == []
    versions.see("new")
    versions.see("0")
    assert forgotten == ["1"]
