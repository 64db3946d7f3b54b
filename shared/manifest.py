"""``manifest.json``: what a model bundle is, what it takes, and what it must give.

A bundle is the folder ``models/<service>/<version>/``. Its manifest names every file with its SHA-256, so
nothing that was swapped or cut short is ever loaded, and holds one *signature* for each kind of input.
"""

from __future__ import annotations

import builtins
import hashlib
import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Version = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$", max_length=64)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Runtime = Literal["litert", "xgboost", "tensorflow", "torch"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ImageInput(_Strict):
    """Pixels in: RGB ``float32`` of shape ``(height, width, 3)``, then ``(value - mean) / std``, values 0…255."""

    kind: Literal["image"] = "image"
    height: int = Field(gt=0, le=2048)
    width: int = Field(gt=0, le=2048)
    resize: Literal["stretch", "crop", "pad"] = "stretch"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (255.0, 255.0, 255.0)
    standardize: bool = Field(
        default=False, description="scale each picture to zero mean, unit variance instead of mean/std"
    )


class FeaturesInput(_Strict):
    """Numbers in: ``float32`` of shape ``(len(names),)``, computed from the image by the service itself."""

    kind: Literal["features"] = "features"
    names: tuple[str, ...] = Field(min_length=1)


class TabularInput(_Strict):
    """Numbers in, given by the caller: each in ``[minimum, maximum]``, in the order of ``names``."""

    kind: Literal["tabular"] = "tabular"
    names: tuple[str, ...] = Field(min_length=1)
    minimum: float = 0.0
    maximum: float = 1.0


class Calibration(_Strict):
    """Temperature scaling (Guo et al. 2017): probabilities are ``softmax(logits / temperature)``."""

    temperature: float = Field(gt=0)
    fitted_on: str = Field(description="the split, e.g. 'val'")
    samples: int = Field(ge=0, description="0 where a user gave the temperature of their own model")


class Conformal(_Strict):
    """Split conformal prediction, LAC score (Sadinle et al. 2019).

    A class is in the set when ``1 - p <= threshold``; the most probable one always is.
    """

    method: Literal["lac"] = "lac"
    coverage: float = Field(gt=0, lt=1)
    threshold: float = Field(ge=0, le=1)
    fitted_on: str
    samples: int = Field(gt=0)


class Limit(_Strict):
    """A raw score becomes ``sigmoid((raw - threshold) / scale)``: 0.5 at the threshold, more beyond it."""

    threshold: float
    scale: float = Field(gt=0)


class Guard(_Strict):
    """The out-of-distribution gate (`shared.inference.guard`): two stages, of which either may refuse.

    ``modality``: of the log-odds that the picture is none of this kind. ``distance``: of the cosine distance from the
    ``neighbours``-th nearest training picture, plus ``doubt`` times one less the model's maximum probability.
    """

    file: str = Field(description="arrays, .npz")
    network: str = Field(description="LiteRT file that gives the features")
    input: ImageInput
    neighbours: int = Field(gt=0)
    doubt: float = Field(ge=0)
    modality: Limit
    distance: Limit
    true_positive_rate: float = Field(gt=0, lt=1, description="of pictures of the right kind, let through by both")
    fitted_on: str
    samples: int = Field(gt=0)


class QualityLimits(_Strict):
    """What a picture of this kind may measure (`shared.imaging.quality`), seen at the size that the model sees."""

    shortest_side: int = Field(gt=0, description="pixels of the upload")
    contrast: float = Field(ge=0, description="at least")
    sharpness: float = Field(ge=0, description="at least")
    dark: float = Field(ge=0, le=1, description="at most")
    bright: float = Field(ge=0, le=1, description="at most")
    border: float = Field(ge=0, le=1, description="at most")
    fitted_on: str
    samples: int = Field(gt=0)


class Bins(_Strict):
    """How often a number fell between ``edges``: one share more than there are edges, summing to 1."""

    edges: tuple[float, ...] = Field(min_length=1)
    shares: tuple[float, ...]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len(self.shares) != len(self.edges) + 1 or list(self.edges) != sorted(self.edges):
            raise ValueError("bins: one share more than there are edges, which ascend")
        return self


class Reference(_Strict):
    """What pictures, confidence and answers looked like on pictures that the model had not been trained on.

    ``numbers`` are those of `shared.inference.predictor.Inference.traits`, ``classes`` shares by label.
    """

    numbers: dict[str, Bins]
    classes: dict[str, float]
    taken_from: str = Field(description="the split, e.g. 'val'")
    samples: int = Field(gt=0)


class Golden(_Strict):
    """The warm-up: this input must give these probabilities, or the bundle is not served.

    ``input`` is a file of the bundle for an image or features signature (a PNG that no patient is in), or the
    numbers themselves for a tabular one.
    """

    input: str | tuple[float, ...]
    probabilities: tuple[float, ...]
    tolerance: float = Field(default=0.02, gt=0, le=0.1)


class Signature(_Strict):
    """One kind of input, the weights that read it, and how their output becomes probabilities."""

    file: str = Field(description="weights: a file of the bundle, or a folder of it (TensorFlow SavedModel)")
    input: Annotated[ImageInput | FeaturesInput | TabularInput, Field(discriminator="kind")]
    calibration: Calibration | None = None
    conformal: Conformal | None = None
    guard: Guard | None = None
    quality: QualityLimits | None = None
    reference: Reference | None = None
    golden: Golden


class FileEntry(_Strict):
    sha256: Sha256
    bytes: int = Field(ge=0)

    @classmethod
    def of(cls, data: builtins.bytes) -> Self:
        """The entry of a file that holds ``data``."""
        return cls(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))


class BundleManifest(_Strict):
    """What every bundle says of itself; ``metrics`` and ``provenance`` are shown, never interpreted, when serving.

    ``limits`` and ``notice`` are of a bundle that the service's own words are not about: a user's model.
    """

    schema_version: Literal[1] = 1
    model: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: Version
    created: str
    runtime: Runtime
    files: dict[str, FileEntry] = Field(min_length=1)
    limits: tuple[str, ...] = ()
    notice: str | None = None
    metrics: dict[str, Any] = Field(default_factory=dict)
    provenance: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _plain_paths(self) -> Self:
        for path in self.files:
            _check_path(path)
        return self


class Manifest(BundleManifest):
    """The manifest of a model of pictures or numbers."""

    labels: tuple[str, ...] = Field(min_length=2)
    signatures: dict[str, Signature] = Field(min_length=1)
    default_signature: str

    @model_validator(mode="after")
    def _whole(self) -> Manifest:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("labels repeat")
        if self.default_signature not in self.signatures:
            raise ValueError(f"default_signature {self.default_signature!r} is not one of {sorted(self.signatures)}")
        for name, signature in self.signatures.items():
            self._check_signature(name, signature)
        return self

    def _check_signature(self, name: str, signature: Signature) -> None:
        if not any(path == signature.file or path.startswith(f"{signature.file}/") for path in self.files):
            raise ValueError(f"signature {name!r}: {signature.file!r} is not among the bundle's files")
        guard = signature.guard
        for file in (guard.file, guard.network) if guard else ():
            if file not in self.files:
                raise ValueError(f"signature {name!r}: {file!r} is not among the bundle's files")
        golden = signature.golden
        if len(golden.probabilities) != len(self.labels):
            raise ValueError(f"signature {name!r}: golden has {len(golden.probabilities)} probabilities")
        if isinstance(golden.input, str) and golden.input not in self.files:
            raise ValueError(f"signature {name!r}: golden input {golden.input!r} is not among the bundle's files")

    @property
    def version_key(self) -> tuple[int, ...]:
        return version_key(self.version)


def version_key(version: str) -> tuple[int, ...]:
    """``"1.10.0"`` → ``(1, 10, 0)``, so that versions sort as numbers."""
    return tuple(int(part) for part in version.split("."))


def _check_path(path: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)*", path) or ".." in path:
        raise ValueError(f"{path!r} is not a plain relative path")
