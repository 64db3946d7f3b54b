"""The words of the palm model card; every figure comes in from outside, with the command that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.palm.definition import SERVICE
from shared.manifest import Manifest
from training.measured_card import measured
from training.trust_card import not_for

TRAIN = "make train MODEL=palm DATA=/path/to/hand_hb"
EVALUATE = "make evaluate MODEL=palm DATA=/path/to/hand_hb"
SOURCE = (
    "Yakimov et al. 2024, Dataset of human skin and fingernails images for non-invasive haemoglobin level assessment "
    "(figshare c.6760179); copy from GitHub TasBakker/Anemia-Detection. Backs of three fingers with their nails, "
    "adults, one lamp, one site: no palms"
)
LICENCE = "not stated in the copy"
SPLIT = "by person (one photo each); anemia: haemoglobin < 120 g/L, healthy: >= 130 g/L, people between left out"
UNKNOWN = (
    "The data names no age, sex or skin tone, and one lamp at one site took all pictures, so no result by them can be "
    "given. Haemoglobin is known; nobody from 120 to 129 g/L is in the data."
)
NAMES = {"image": "photo", "means": "five means"}

_FEATURES = """\
| name | what it is |
| --- | --- |
| `skin_lightness_p10`, `nail_lightness_p10` | 10th percentile of (L* + 16) / (reference + 16) |
| `skin_lightness_p50`, `nail_lightness_p50` | median of the same |
| `skin_redness`, `nail_redness` | median of a* / (L* + 16) |
| `skin_log_red_green`, `nail_log_red_green` | median of ln(R / G) of linear light, the erythema index |
| `skin_log_green_blue`, `nail_log_green_blue` | median of ln(G / B) of linear light |
| `skin_hue`, `nail_hue` | atan2(mean b*, mean a*) in degrees |
| `redness_difference` | `nail_redness` - `skin_redness` |

The reference is the 95th percentile of L* in the picture cut to the hand.
CIELAB after CIE 15:2004 (D65) from sRGB (IEC 61966-2-1). Skin and nails are found by colour alone
(`services/palm/segmentation.py`). Pale nail beds as a sign: Mannino et al. 2018 (Nature Communications 9:4924).
Erythema index: Takiwaki 1998 (Journal of Medical Investigation 44:121).

The five means, each 0...1, over the skin and nails that are found, else over the whole picture: `red`, `green`, `blue`
(sRGB / 255), `saturation` and `brightness` (HSV)."""


def card(manifest: Manifest, scores: Mapping[str, Any]) -> str:
    """The model card in Markdown; ``scores`` as of ``training.palm_card.held_out_scores``."""
    parts = [
        f"# {SERVICE.model} {manifest.version}: {SERVICE.title.lower()}",
        f"**{SERVICE.notice}**",
        not_for(SERVICE.not_for),
        _intended(),
        _data(manifest),
        "## Scores\n\n"
        "In brackets: 95 % percentile bootstrap intervals over people, 2,000 resamples. AUROC is of `anemia`; each "
        "person is in one fold only.",
        _cross_validation(manifest.metrics),
        _operating_points(manifest.metrics),
        _test(scores),
        _brightness(scores),
        *measured(manifest, UNKNOWN),
        f"## What goes in\n\n{_FEATURES}",
        _limits(manifest.metrics),
    ]
    return "\n\n".join(parts) + "\n"


def _intended() -> str:
    return (
        "## Intended use\n\n"
        "To show a tabular and feature model end to end, and to be replaced by a palm model of your own "
        "(`services/palm/README.md` says how). For education and research only. Not for screening, diagnosis or any "
        "decision on anybody's care."
    )


def _data(manifest: Manifest) -> str:
    provenance = manifest.provenance
    people = provenance["people"]
    return (
        "## Data and training\n\n"
        f"- Source: {SOURCE}.\n- Licence: {LICENCE}.\n- Split: {SPLIT}.\n"
        f"- People: {people['train+val']} in train + val ({people['anemia in train+val']} with anaemia), "
        f"{people['test']} in test.\n"
        f"- Two XGBoost models (`binary:logistic`), parameters chosen among five by cross-validation on train + val: "
        f"{_parameters(provenance['parameters'])}. Seed {provenance['seed']}.\n"
        "- Nested cross-validation covers the parameters only. The features and the segmentation were settled on the "
        "same people, over some twenty sets of features, so its scores are optimistic by an amount that was not "
        "measured.\n"
        "- Test is not untouched: the uncropped originals of 12 of its people, the pictures in `samples/`, were looked "
        "at while the segmentation was written, and a score on them was seen while features were compared. It was "
        "the same for every set of photo features that was compared and chose none. The scores on test without those "
        "12 are given beside.\n"
        f"- Temperature and conformal threshold (LAC, 0.90) were fitted on out-of-fold predictions of train + val: "
        f"{_calibration(manifest)}.\n"
        f"- Made by `{TRAIN}`."
    )


def _parameters(parameters: Mapping[str, Mapping[str, Any]]) -> str:
    return "; ".join(
        f"{NAMES[name]}: " + ", ".join(f"{key} {value}" for key, value in chosen.items())
        for name, chosen in parameters.items()
    )


def _calibration(manifest: Manifest) -> str:
    return "; ".join(
        f"{NAMES[name]}: T {signature.calibration.temperature:.2f}, threshold {signature.conformal.threshold:.3f}"
        for name, signature in manifest.signatures.items()
        if signature.calibration and signature.conformal
    )


def _cross_validation(metrics: Mapping[str, Any]) -> str:
    names = {**NAMES, "sheet": "control: colour of the sheet only"}
    rows = [_row(names[name], metrics[name]["cross_validation"]) for name in names]
    repeats = [
        f"{names[name]} " + ", ".join(f"{value:.3f}" for value in metrics[name]["cross_validation"]["auroc_by_repeat"])
        for name in names
    ]
    return (
        f"### train + val, nested 5-fold cross-validation over people (`{TRAIN}`)\n\n{_HEAD}\n"
        + "\n".join(rows)
        + "\n\nThe table is the repeat with the median AUROC. AUROC of every repeat: "
        + "; ".join(repeats)
        + ". The control holds no blood: what it scores above 0.5 is the camera, the session or reflected skin."
    )


def _test(scores: Mapping[str, Any]) -> str:
    rows = [_row(NAMES[name], found["test"]) for name, found in scores.items()]
    rows += [
        _row(f"{NAMES[name]}, without people seen in `samples/`", found["unseen"])
        for name, found in scores.items()
        if found["unseen"]
    ]
    more = [
        f"{NAMES[name]}: calibration error {found['calibration_error']:.3f}{_sets(found)}{_haemoglobin(found)}"
        for name, found in scores.items()
    ]
    return (
        f"### test, through the serving path (`{EVALUATE}`)\n\n{_HEAD}\n"
        + "\n".join(rows)
        + "\n\n- "
        + "\n- ".join(more)
        + "\n\nOne person of the test split is 2 to 3 points of accuracy. Cross-validation, on three times as many "
        "people, is the figure to go by. Nobody has haemoglobin "
        "from 120 to 129 g/L here, which makes the correlation look stronger."
    )


def _sets(found: Mapping[str, Any]) -> str:
    if found["sets"] is None:
        return ""
    covered, size = found["sets"]
    return f"; prediction sets hold the truth for {covered:.3f} of people, {size:.2f} classes on average"


def _haemoglobin(found: Mapping[str, Any]) -> str:
    rho = found["haemoglobin"]
    return "" if rho is None else f"; Spearman correlation of P(anemia) with haemoglobin {_interval(rho)}"


def _operating_points(metrics: Mapping[str, Any]) -> str:
    rows = [
        f"| {NAMES[name]} | {point['sensitivity']:.2f} | {point['probability']:.3f} | {point['specificity']:.3f} |"
        for name in NAMES
        for point in metrics[name]["operating_points"]
    ]
    return (
        "`result` is the class with the higher probability, calibrated to the share of anaemia in this data, and so "
        "misses many people with anaemia. To miss fewer, call anaemia from a lower probability "
        f"(out of fold on train + val, `{TRAIN}`):\n\n"
        "| input | sensitivity | P(anemia) from | specificity |\n| --- | --- | --- | --- |\n" + "\n".join(rows)
    )


def _brightness(scores: Mapping[str, Any]) -> str:
    gains = list(next(iter(scores.values()))["brightness"])
    rows = [
        f"| {NAMES[name]} | " + " | ".join(_interval(found["brightness"][gain]) for gain in gains) + " |"
        for name, found in scores.items()
    ]
    head = "| AUROC, sRGB values times | " + " | ".join(f"{gain:g}" for gain in gains) + " |"
    rule = "| --- |" + " --- |" * len(gains)
    return f"### test in another brightness (`{EVALUATE}`)\n\n" + "\n".join([head, rule, *rows])


def _limits(metrics: Mapping[str, Any]) -> str:
    control = _interval(metrics["sheet"]["cross_validation"]["auroc"])
    own = (
        f"The colour of the sheet alone tells the groups apart with AUROC {control} (`{TRAIN}`), so a part of the "
        "score may be the camera or the session rather than blood. Which photos were taken in one "
        "session is not known here, so folds may share one.",
        "The data is small: the intervals are the result, not the numbers.",
    )
    return "## Limits\n\n" + "\n".join(f"- {limit}" for limit in (*SERVICE.limits, *own))


_HEAD = "| input | people | AUROC | accuracy | recall healthy | recall anemia |\n| --- | --- | --- | --- | --- | --- |"


def _row(title: str, report: Mapping[str, Any]) -> str:
    recall = report["recall"]
    cells = [report["auroc"], report["accuracy"], recall["healthy"], recall["anemia"]]
    return f"| {title} | {report['samples']} | " + " | ".join(_interval(cell) for cell in cells) + " |"


def _interval(estimate: Mapping[str, float]) -> str:
    return f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]"
