"""One worker of a service, as it serves: what measures a bundle asks it through this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shared.backends import open_backend
from shared.bundle import Bundle
from shared.imaging.formats import DEFAULT_MAX_PIXELS
from shared.inference.predictor import Inference, Predictor, Sample
from training.dataset import service_definition

SIGNATURE = "image"


@contextmanager
def predictor(bundle: Bundle, service: str) -> Iterator[Predictor]:
    """One worker of the service, with its bundle."""
    backend = open_backend(bundle)
    definition = service_definition(service)
    try:
        yield Predictor(bundle, backend, definition.features, max_pixels=DEFAULT_MAX_PIXELS, look=definition.look)
    finally:
        backend.close()


def inferences(bundle: Bundle, service: str, uploads: Sequence[bytes]) -> list[Inference]:
    """What the bundle says of each picture, by the service's own path. The first error of a picture is raised."""
    with predictor(bundle, service) as predict:
        return asked(predict, uploads)


def asked(predict: Predictor, uploads: Sequence[bytes]) -> list[Inference]:
    """The same of a worker that is there already."""
    found = [predict([Sample(SIGNATURE, data)])[0] for data in uploads]
    for one in found:
        if isinstance(one, Exception):
            raise one
    return [one for one in found if isinstance(one, Inference)]
