"""What came of a piece of work, as one word: for the audit log and for the metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.audit.event import OK
from shared.errors import DoctorAIError
from shared.http.disconnect import GONE

CLIENT_GONE = "CLIENT_GONE"


@contextmanager
def outcome(tell: Callable[[str], None]) -> Iterator[None]:
    """Calls ``tell`` when the block ends: "ok", the code of the error, or that the caller had gone."""
    found = CLIENT_GONE  # unless we learn better: a cancellation, too, is of a caller who left
    try:
        yield
        found = OK
    except DoctorAIError as error:
        found = error.code
        raise
    except GONE:
        raise
    except Exception:
        found = DoctorAIError.code
        raise
    finally:
        tell(found)
