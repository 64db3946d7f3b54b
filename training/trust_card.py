"""The part of a model's card that says how far its answers can be trusted: what `training.gate.report` measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from training.tables import estimate, table

COMMAND = "python -m training finish --measure-only --data ROOT --everyday DIR"
_KINDS = {
    "tumor": "brain MRI",
    "xray": "chest X-ray",
    "monkeypox": "skin",
    "lung_colon": "histology",
    "palm": "fingers",
    "everyday": "everyday pictures",
    "noise": "noise",
    "blank": "blank",
    "page": "text and charts",
}


def not_for(lines: Sequence[str]) -> str:
    """The first thing that a card says."""
    return "## Must not be used for\n\n" + "\n".join(f"- **{line}**" for line in lines)


def trust(found: Mapping[str, Any]) -> str:
    """Calibration, prediction sets, refusals and heat maps on test."""
    parts = [f"## Trust, on `test`\n\nMeasured by `{COMMAND}`.", _calibration(found), _refusals(found), _gate(found)]
    if found["explanation"]:
        parts.append(_heat_map(found["explanation"]))
    return "\n\n".join(parts)


def cross_table(found: Mapping[str, Mapping[str, Any]]) -> str:
    """AUROC of every model's gate against every kind of picture that it is not for."""
    rows = [
        (f"`{model}`", *(_cell(trust_["out_of_distribution"].get(kind)) for kind in _KINDS))
        for model, trust_ in found.items()
    ]
    return table(("model", *_KINDS.values()), rows)


def _cell(row: Mapping[str, Any] | None) -> str:
    return f"{row['auroc']:.3f} ({row['let_through']:.1%})" if row else "own kind"


def _calibration(found: Mapping[str, Any]) -> str:
    calibration, sets = found["calibration"], found["prediction_sets"]
    bins = [
        (f"{row['confidence']:.2f}", f"{row['accuracy']:.2f}", str(row["samples"]))
        for row in calibration["reliability"]
    ]
    return (
        f"- Expected calibration error (15 bins): {estimate(calibration['ece'])}. A perfectly calibrated model would "
        f"get {calibration['ece_if_perfect']:.3f} on as few pictures.\n"
        f"- Brier score: {estimate(calibration['brier'])}.\n"
        f"- Prediction sets, {sets['wanted']:.0%} wanted: as LAC makes them, some empty, "
        f"{estimate(sets['coverage_lac'])} "
        f"hold the truth; as they are told, never empty, {estimate(sets['coverage_told'])}; mean size "
        f"{sets['mean_size']:.2f}.\n\n" + table(("mean confidence", "accuracy", "pictures"), bins)
    )


def _refusals(found: Mapping[str, Any]) -> str:
    refused = found["abstention"]
    return (
        "Of pictures of the right kind, no answer was given to "
        f"{estimate(refused['out_of_distribution'])} as strangers, {estimate(refused['image_quality'])} for their "
        f"quality, {estimate(refused['low_confidence'])} because the likely answers contradict each other. Of the "
        f"answers that were given {estimate(refused['accuracy_of_answers'])} were right."
    )


def _gate(found: Mapping[str, Any]) -> str:
    rows = [
        (
            _KINDS[kind],
            f"{row['auroc']:.4f}",
            f"{row['auroc_distance_alone']:.4f}",
            f"{row['let_through']:.1%}",
            str(row["samples"]),
        )
        for kind, row in found["out_of_distribution"].items()
    ]
    head = ("stranger", "AUROC", "AUROC, distance alone", "let through", "pictures")
    return (
        "Pictures that the model is not for. The second stage has seen none of them when it was fitted; the first has "
        "seen others of each kind.\n\n" + table(head, rows)
    )


def _heat_map(found: Mapping[str, Any]) -> str:
    rows = [
        (name, estimate(found[name]["map"]), estimate(found[name]["random"]), estimate(found[name]["gain"]))
        for name in ("deletion", "insertion")
    ]
    return (
        f"Heat maps against random maps ({found['pictures']} pictures; deletion: low is good, insertion: high is "
        "good).\n\n" + table(("", "heat map", "random", "gain"), rows)
    )
