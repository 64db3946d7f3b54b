"""Labels and texts of the palm service."""

from services.palm.features import FEATURE_NAMES, MEAN_NAMES, extract, mean_features
from services.palm.segmentation import cut_out
from shared.definition import ClassText, ServiceDefinition

_WHO = "WHO, Guideline on haemoglobin cutoffs to define anaemia in individuals and populations (2024)"
_NHS = "NHS, Iron deficiency anaemia (nhs.uk/conditions/iron-deficiency-anaemia)"
_DEMONSTRATION = (
    "The model that ships with this service is a demonstration: it was made on the backs of fingers with their nails, "
    "not on palms, of adults at one site under one lamp. What it says of a palm, or of a photo in another light, "
    "means nothing."
)

SERVICE = ServiceDefinition(
    service="palm",
    model="palm_disease",
    title="Anaemia from a photo of the hand",
    accepts=(
        "One JPEG or PNG photo of a hand on a plain, light background in even white light, without flash or filter; "
        "or five numbers from 0 to 1: the means of red, green, blue, saturation and brightness over the skin. "
        "The model that ships was made on the backs of three fingers with unpainted nails."
    ),
    classes={
        "healthy": ClassText(
            "No sign of anaemia",
            "The colour of skin and nails is more like that of people whose haemoglobin was 130 g/L or more. "
            "Anaemia means too little haemoglobin in the blood: for adults, below 130 g/L in men, 120 g/L in women "
            "who are not pregnant. A photo cannot rule it out: many people with anaemia do not look pale.",
            "No action follows from this answer. If you are often tired, short of breath, paler than usual or feel "
            "your heart beating, ask a doctor for a blood test whatever this answer says.",
            f"{_WHO}; {_NHS}",
            action="none",
        ),
        "anemia": ClassText(
            "Possible anaemia",
            "The colour of skin and nails is more like that of people whose haemoglobin was below 120 g/L. Pale nails "
            "and skin can come from anaemia, but also from cold hands, light skin, nail changes or the light in the "
            "room. Only a blood test (full blood count) can tell.",
            "Ask a doctor about a blood test; do not treat yourself with iron, since the cause has to be found first. "
            "Get medical help at once for chest pain, fainting, breathlessness at rest, or black or bloody "
            "stools.",
            f"{_WHO}; {_NHS}",
            action="blood test",
        ),
    },
    folders={"healthy": "non_anemic", "anemia": "anemic"},
    not_for=(
        "Screening or diagnosing anaemia: only a blood test tells.",
        "Palms: the model that ships was made on the backs of fingers with their nails.",
        "Children, pregnancy, and skin tones that it was not tested on apart.",
        "Photos by another lamp, with flash, filter, nail varnish or henna.",
        "Starting or stopping iron.",
    ),
    limits=(
        _DEMONSTRATION,
        "Its labels leave out people with haemoglobin from 120 to 129 g/L, so its scores are better than at a real "
        "cut-off. Sex and age are not known: lighter skin may stand for them rather than for anaemia.",
        "It was not tested by skin tone, nor on children.",
        "Nail varnish, henna, flash, coloured light, filters and a background the colour of skin spoil the answer.",
        "The five means depend on the strength of the lamp and on the camera; the photo's own features do not depend "
        "on the lamp's strength while nothing is blown out, but do on its colour.",
    ),
    features={FEATURE_NAMES: extract, MEAN_NAMES: mean_features},
    look=cut_out,
    notice=_DEMONSTRATION,
)
