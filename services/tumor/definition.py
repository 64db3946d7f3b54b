"""Labels and texts of the tumor service."""

from shared.definition import ClassText, ServiceDefinition

_NHS = "NHS: Brain tumours; NHS: Headaches"
_WHO = "WHO Classification of Tumours: Central Nervous System Tumours, 5th ed. (2021)"
_EMERGENCY = (
    "Call an ambulance at once for a sudden, very bad headache or a first seizure. Do the same for new weakness, "
    "confusion, or trouble speaking or seeing."
)

SERVICE = ServiceDefinition(
    service="tumor",
    model="tumor",
    title="Brain tumour on one MRI slice",
    accepts=(
        "One axial, coronal or sagittal T1-weighted brain MRI slice, taken with contrast, with the whole head in the "
        "picture, as JPEG or PNG."
    ),
    classes={
        "glioma": ClassText(
            "Possible glioma",
            "A glioma is a growth that starts in the brain's supporting cells, called glial cells. Some gliomas grow "
            "slowly and some grow fast; this answer cannot tell which. It is a computer's guess from one picture, and "
            "only doctors can say whether there is a tumour.",
            "If this picture is yours, ask a doctor soon for a visit to a neurologist. Take the whole scan with "
            f"you. {_EMERGENCY}",
            f"{_NHS}; NCI: Adult Central Nervous System Tumors Treatment (PDQ), Patient Version; {_WHO}",
            action="specialist",
        ),
        "meningioma": ClassText(
            "Possible meningioma",
            "A meningioma is a growth that starts in the thin layers that wrap the brain. Most are not cancer and "
            "grow slowly, but they can press on the brain. This is a computer's guess from one picture, and only "
            "doctors can say whether there is a tumour.",
            "If this picture is yours, ask a doctor for a visit to a neurologist or neurosurgeon. Take the whole scan "
            f"with you. {_EMERGENCY}",
            f"{_NHS}; Cancer Research UK: Meningioma; {_WHO}",
            action="specialist",
        ),
        "no_tumor": ClassText(
            "No tumour pointed out",
            "The picture looks to the model more like its pictures without a tumour than like those with one. This "
            "does not rule out a tumour, and it does not mean that the brain is healthy: the model knows three kinds "
            "of tumour and no other disease. It is a computer's guess from one picture out of a whole scan.",
            "Do not put off a visit because of this answer: a radiologist has to read the whole scan. See a doctor if "
            "headaches, sickness, or changes in sight, memory or strength go on or get worse. " + _EMERGENCY,
            _NHS,
            action="none",
        ),
        "pituitary": ClassText(
            "Possible pituitary tumour",
            "The pituitary is a gland the size of a pea under the brain that makes hormones, the body's messengers. "
            "Most growths there are not cancer, but they can upset the hormones or press on the nerves of sight. This "
            "is a computer's guess from one picture, and only doctors can say whether there is a tumour.",
            "If this picture is yours, ask a doctor for a visit to an endocrinologist (a hormone specialist) or a "
            "neurosurgeon, and for an eye test. Take the whole scan with you. Tell the doctor today if your sight "
            f"is getting worse. {_EMERGENCY}",
            f"{_NHS}; NCI: Pituitary Tumors Treatment (PDQ), Patient Version; MedlinePlus: Pituitary apoplexy; {_WHO}",
            action="specialist",
        ),
    },
    folders={"glioma": "glioma", "meningioma": "meningioma", "no_tumor": "no_tumor", "pituitary": "pituitary"},
    not_for=(
        "Ruling a tumour out, or telling anybody that a brain is healthy.",
        "Any patient's diagnosis, treatment, or place on a waiting list.",
        "Anything but glioma, meningioma and pituitary tumour: no metastasis, abscess, stroke or multiple sclerosis.",
        "Measuring, grading or following a tumour: it sees one slice and never the whole scan.",
        "MRI without contrast, CT, children, other body parts, photos of a screen.",
    ),
    limits=(
        "It looks at one slice. It cannot find, measure, grade or follow a tumour, and it never sees the whole scan.",
        "It knows glioma, meningioma and pituitary tumour only. Any other disease (a spread of another cancer, an "
        "abscess, a stroke, multiple sclerosis) gets one of its four names all the same.",
        "Trained on the Brain Tumor MRI Dataset (Kaggle), which joins three public sets. Hospitals, scanners, ages "
        "and who made the labels are not known.",
        "The pictures without a tumour come mostly from another source, with other kinds of MRI. The model may have "
        "learned the source rather than the tumour; a healthy slice taken with contrast may be called a tumour.",
        "Some pictures without a tumour look to the eye as if they show other changes. no_tumor does not mean healthy.",
        "The data has no patient numbers: slices of one patient may be in both training and test, so the scores are "
        "better than they would be on new patients.",
        "no_tumor has the fewest training pictures, and each class has about 100 test pictures.",
        "Children were not tested apart. CT, other body parts and photos of a screen are not supported.",
    ),
    notice="It knows three kinds of brain tumour and no other disease; it saw one slice, not the whole scan.",
)
