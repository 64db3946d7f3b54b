"""Why a file is not imported."""

from __future__ import annotations


class Refused(Exception):
    """The file is not, or may not be, what it should; the words are for whoever holds it."""
