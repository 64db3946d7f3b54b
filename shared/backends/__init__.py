"""Model runtimes behind one small interface. A new runtime is one class in one file and one line here."""

from __future__ import annotations

from importlib import import_module

from shared.backends.base import Backend, Outputs, Runner
from shared.bundle import Bundle
from shared.errors import BundleError

__all__ = ["Backend", "Outputs", "Runner", "open_backend"]

_BACKENDS = {
    "litert": ("shared.backends.litert", "LiteRTBackend"),
    "xgboost": ("shared.backends.xgboost", "XGBoostBackend"),
    "tensorflow": ("shared.backends.tensorflow", "TensorFlowBackend"),
}


def open_backend(bundle: Bundle) -> Backend:
    """The backend that the bundle's manifest asks for; its library is imported only now.

    Raises BundleError when the library is not installed in this image, or the weights cannot be read.
    """
    runtime = bundle.manifest.runtime
    if runtime not in _BACKENDS:
        raise BundleError(f"this build has no {runtime} runtime")
    module, name = _BACKENDS[runtime]
    try:
        backend: type[Backend] = getattr(import_module(module), name)
    except ImportError as error:
        raise BundleError(f"the {runtime} runtime is not installed in this image ({error})") from error
    return backend(bundle)
