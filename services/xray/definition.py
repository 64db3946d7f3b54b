"""Labels and texts of the xray service."""

from shared.definition import ClassText, ServiceDefinition

_SOURCE = "WHO: Pneumonia in children (fact sheet); NHS: Pneumonia"
_EMERGENCY = (
    "Call an ambulance at once if a child is fighting for breath, has blue lips, cannot drink, has a seizure or is "
    "very hard to wake."
)

SERVICE = ServiceDefinition(
    service="xray",
    model="xray",
    title="Pneumonia on a young child's chest X-ray",
    accepts="One frontal chest X-ray of a child aged 1 to 5, the whole chest upright in the picture, as JPEG or PNG.",
    classes={
        "normal": ClassText(
            "No pneumonia pointed out",
            "The picture looks to the model more like its X-rays without pneumonia. This does not rule out pneumonia "
            "or any other illness: early pneumonia may not show on an X-ray, and the model knows nothing but "
            "pneumonia. It is a computer's guess from one picture.",
            "How the child is matters more than this answer. See a doctor if cough, fever or fast breathing go on, or "
            f"if you are worried. {_EMERGENCY}",
            _SOURCE,
            action="none",
        ),
        "pneumonia": ClassText(
            "Possible pneumonia",
            "Pneumonia is an infection of the lungs: the tiny air sacs fill with fluid, and breathing gets hard. It "
            "may come from bacteria, viruses or fungi, and this answer cannot tell which. It is a computer's guess "
            "from one picture, and other illnesses can look alike.",
            "A child with cough and fast or hard breathing should be seen by a doctor today, whatever this answer "
            f"says. Show the doctor the X-ray itself. {_EMERGENCY}",
            _SOURCE,
            action="treat",
        ),
    },
    folders={"normal": "normal", "pneumonia": "pneumonia"},
    not_for=(
        "Adults, babies under 1, children over 5: it was made on children aged 1 to 5 of one hospital.",
        "Ruling pneumonia out, or sending a sick child home.",
        "Any patient's diagnosis or treatment.",
        "Anything but pneumonia: no tuberculosis, collapsed lung, heart disease, fracture or swallowed object.",
        "Another hospital's X-rays without a test of your own: even its own hospital's test pictures score lower.",
    ),
    limits=(
        "Trained only on children aged 1 to 5 from one hospital in Guangzhou, China (Kermany et al. 2018).",
        "It must not be used for adults: a reference model trained on the same pictures was near chance on adult "
        "X-rays. It was not tested on babies under 1 or on children over 5.",
        "It knows pneumonia or not. It cannot see tuberculosis, a collapsed lung, heart disease, a swallowed object, a "
        "broken bone or any other disease; such a picture still gets one of the two names.",
        "It does not tell bacterial from viral pneumonia, nor how bad it is.",
        "normal means that this data set calls the picture normal.",
        "The test pictures differ from the training pictures, and a model trained on these says pneumonia too often on "
        "them. Expect the same at any other hospital.",
        "Its probabilities and sets of likely answers were fitted on pictures like the training ones, so elsewhere "
        "they may promise too much.",
        "Pictures are squashed to a square; letters, tubes, or the way a picture was taken may sway it.",
        "The test has 250 pictures from the same hospital; no other hospital was tested.",
    ),
    notice=(
        "Trained on children aged 1 to 5 only; not for adults: a reference model trained on the same pictures was near "
        "chance on them."
    ),
)
