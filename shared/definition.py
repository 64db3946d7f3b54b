"""What a service says of itself: the whole of what is special about one model, its weights apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from shared.disclaimer import DISCLAIMER
from shared.manifest import BundleManifest

if TYPE_CHECKING:  # the chatbot's image has no image library, the gateway's not even NumPy
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

FeatureExtractor: TypeAlias = "Callable[[Image.Image], NDArray[np.float32]]"
FeatureExtractors: TypeAlias = "Mapping[tuple[str, ...], FeatureExtractor]"
"""Names of numbers → what computes them, in that order, from an upright RGB picture."""
Look: TypeAlias = "Callable[[Image.Image], Image.Image]"
"""A picture → the part of it that matters."""


@dataclass(frozen=True)
class ClassText:
    """One class in plain language; ``source`` names the public reference that the words rest on.

    ``action`` is what follows for care, in a word. A set of likely classes with different actions is no answer.
    """

    title: str
    description: str
    recommendation: str
    source: str
    action: str = ""


@dataclass(frozen=True)
class ServiceDefinition:
    """``service`` is the folder's and container's name, ``model`` the name in answers; both are accepted in a URL.

    ``classes`` maps a label to its texts. ``folders`` maps a label to the folder of labelled images that holds it
    (training only). ``features`` computes the numbers that a ``features`` signature may name; empty
    for a model that takes the pixels. ``look`` is then what of the picture the two gates look at; all of it for None.
    ``not_for`` is what the model must never be used for, in one line each, the worst mistake first. ``notice`` is
    added to the disclaimer of each answer.
    """

    service: str
    model: str
    title: str
    accepts: str
    classes: Mapping[str, ClassText]
    folders: Mapping[str, str] = field(default_factory=dict)
    not_for: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    features: FeatureExtractors = field(default_factory=dict)
    look: Look | None = None
    notice: str = ""

    def contradict(self, labels: Iterable[str]) -> bool:
        """Whether the classes ask for different things to be done."""
        return len({self.classes[label].action for label in labels}) > 1

    def about(self, manifest: BundleManifest) -> ServiceDefinition:
        """With the bundle's own limits and notice, where it has some."""
        own = manifest.limits or manifest.notice
        return replace(self, limits=manifest.limits, notice=manifest.notice or "") if own else self

    @property
    def disclaimer(self) -> str:
        return f"{DISCLAIMER} {self.notice}".strip()
