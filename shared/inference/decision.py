"""Whether an answer is given at all. Three reasons not to, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contract import AbstainReason
from shared.definition import ServiceDefinition
from shared.inference.predictor import Inference

_STRANGE = {
    "modality": "The picture does not look like what this model was made for",
    "distance": "The picture is unlike all that this model was trained on",
}
_ASK = "Do not read anything into the probabilities. If you are worried about your health, see a qualified clinician."


@dataclass(frozen=True)
class Abstention:
    """Why there is no answer: the contract's word, and a sentence each on what is wrong and what to do."""

    reason: AbstainReason
    description: str
    recommendation: str


def abstention(definition: ServiceDefinition, inference: Inference, likely: Sequence[str] | None) -> Abstention | None:
    """``likely``: the labels of the prediction set. None when the model's answer may be told."""
    if inference.fault:
        return Abstention("image_quality", f"{inference.fault} No answer is given.", f"Send a better picture. {_ASK}")
    if inference.outlier and inference.outlier.refused:
        what = _STRANGE[inference.outlier.stage]
        return Abstention("out_of_distribution", f"{what}. No answer is given.", f"{definition.accepts} {_ASK}")
    if likely and definition.contradict(likely):
        return Abstention("low_confidence", _undecided(definition, likely), f"Ask somebody who can tell. {_ASK}")
    return None


def _undecided(definition: ServiceDefinition, likely: Sequence[str]) -> str:
    titles = "; ".join(definition.classes[label].title for label in likely)
    return f"The model cannot decide between answers that ask for different things to be done: {titles}."
