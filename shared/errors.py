"""Every error that leaves a DoctorAI process, each knowing its status and code.

    DoctorAIError                 500 INTERNAL_ERROR
    ├── InvalidImage              400 INVALID_IMAGE
    ├── Unauthorized              401 UNAUTHORIZED
    ├── Forbidden                 403 FORBIDDEN
    ├── NotFound                  404 NOT_FOUND
    │   └── UnknownModel          404 UNKNOWN_MODEL
    ├── UploadTimeout             408 UPLOAD_TIMEOUT
    ├── PayloadTooLarge           413 PAYLOAD_TOO_LARGE
    ├── UnsupportedFormat         415 UNSUPPORTED_FORMAT
    ├── Conflict                  409 CONFLICT
    ├── ValidationFailed          422 VALIDATION_ERROR
    ├── RateLimited               429 RATE_LIMITED
    ├── ModelUnavailable          503 MODEL_UNAVAILABLE
    │   ├── BundleError           503 MODEL_UNAVAILABLE   (a bundle that must not be served)
    │   └── UpstreamFault         503 MODEL_UNAVAILABLE   (an instance that did not do its work)
    ├── Overloaded                503 OVERLOADED
    ├── SignInUnavailable         503 SIGN_IN_UNAVAILABLE (nobody can be verified at the moment)
    ├── FeedbackUnavailable       503 FEEDBACK_UNAVAILABLE (it cannot be kept or read at the moment)
    ├── AuditUnavailable          503 AUDIT_UNAVAILABLE   (the log cannot be read at the moment)
    └── DeadlineExceeded          504 TIMEOUT

`shared.problems` turns each into an RFC 9457 ``application/problem+json`` answer.
"""

from __future__ import annotations

from typing import ClassVar


class DoctorAIError(Exception):
    """Base of the tree. ``detail`` is safe to show to a caller.

    ``headers`` are added to the HTTP answer, e.g. ``Retry-After``; ``extra`` to its body. ``scope`` is for the metrics:
    what a refusal is about (the user, the model, ...); "" for what is no refusal.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"
    title: ClassVar[str] = "Internal error"
    scope: str = ""

    def __init__(
        self,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        extra: dict[str, object] | None = None,
        scope: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}
        self.extra = extra or {}
        if scope is not None:
            self.scope = scope


class InvalidImage(DoctorAIError):
    status, code, title = 400, "INVALID_IMAGE", "Not a readable image"


class Unauthorized(DoctorAIError):
    status, code, title = 401, "UNAUTHORIZED", "Sign-in required"
    scope = "credential"


class Forbidden(DoctorAIError):
    status, code, title = 403, "FORBIDDEN", "Not allowed"
    scope = "role"


class NotFound(DoctorAIError):
    status, code, title = 404, "NOT_FOUND", "Not found"


class UnknownModel(NotFound):
    code, title = "UNKNOWN_MODEL", "Unknown model"


class UploadTimeout(DoctorAIError):
    """A request whose body did not arrive in time: its sender's doing, which DeadlineExceeded is not."""

    status, code, title = 408, "UPLOAD_TIMEOUT", "The request did not arrive in time"


class PayloadTooLarge(DoctorAIError):
    status, code, title = 413, "PAYLOAD_TOO_LARGE", "Payload too large"


class UnsupportedFormat(DoctorAIError):
    status, code, title = 415, "UNSUPPORTED_FORMAT", "Unsupported format"


class Conflict(DoctorAIError):
    status, code, title = 409, "CONFLICT", "Conflict"


class ValidationFailed(DoctorAIError):
    status, code, title = 422, "VALIDATION_ERROR", "Invalid request"


class RateLimited(DoctorAIError):
    status, code, title = 429, "RATE_LIMITED", "Too many requests"
    scope = "user"


class ModelUnavailable(DoctorAIError):
    status, code, title = 503, "MODEL_UNAVAILABLE", "Model unavailable"


class BundleError(ModelUnavailable):
    """A bundle that is missing, damaged, or does not give the output that its manifest expects."""


class Overloaded(DoctorAIError):
    status, code, title = 503, "OVERLOADED", "Overloaded"
    scope = "model"


class SignInUnavailable(DoctorAIError):
    status, code, title = 503, "SIGN_IN_UNAVAILABLE", "Sign-in unavailable"
    scope = "redis"


class FeedbackUnavailable(DoctorAIError):
    status, code, title = 503, "FEEDBACK_UNAVAILABLE", "Feedback unavailable"


class AuditUnavailable(DoctorAIError):
    status, code, title = 503, "AUDIT_UNAVAILABLE", "Audit log unavailable"


class DeadlineExceeded(DoctorAIError):
    status, code, title = 504, "TIMEOUT", "Deadline exceeded"


class UpstreamFault(ModelUnavailable):
    """An instance did not do its work; another one may."""


def error_of(code: str, detail: str) -> DoctorAIError | None:
    """The error that another process of ours named by ``code``; None for a code that is not of the tree."""
    for cls in _tree(DoctorAIError):
        if cls.code == code:
            return cls(detail)
    return None


def _tree(cls: type[DoctorAIError]) -> list[type[DoctorAIError]]:
    return [cls, *(below for child in cls.__subclasses__() for below in _tree(child))]
