"""Labels and texts of the lung_colon service."""

from shared.definition import ClassText, ServiceDefinition

# NCI: the US National Cancer Institute; ACS: the American Cancer Society
_LUNG = "NCI: Non-Small Cell Lung Cancer Treatment (PDQ), Patient Version; ACS: What Is Lung Cancer?"
_LUNG_WHO = "WHO Classification of Tumours: Thoracic Tumours, 5th ed. (2021)"
_COLON = "NCI: Colon Cancer Treatment (PDQ), Patient Version; ACS: What Is Colorectal Cancer?"
_COLON_WHO = "WHO Classification of Tumours: Digestive System Tumours, 5th ed. (2019)"
_PATHOLOGIST = (
    "A pathologist has to look at the whole slide. If this is your tissue, ask your doctor or cancer team soon what "
    "the pathologist's report says."
)
_NOT_RULED_OUT = (
    "This does not rule out cancer: a tile is a tiny part of a sample, and cancer may lie beside it. It is a "
    "computer's guess from one picture."
)
_GUESS = "This is a computer's guess from one tiny picture; only a pathologist can say whether it is cancer."
_NO_DELAY = "Do not stop or put off tests because of this answer: a pathologist has to look at the whole slide."
_LUNG_SIGNS = (
    "See a doctor soon for a cough that does not go away. Call an ambulance if you cough up more than a little blood "
    "or cannot get your breath."
)
_COLON_SIGNS = (
    "See a doctor soon for blood in the stool or a lasting change of bowel habit. Call an ambulance for bleeding that "
    "does not stop, or very bad belly pain."
)

SERVICE = ServiceDefinition(
    service="lung_colon",
    model="lung_colon",
    title="Lung and colon tissue under the microscope",
    accepts=(
        "One square tile of a slide of lung or colon tissue, stained with haematoxylin and eosin (H&E), at about the "
        "magnification of LC25000, as JPEG or PNG; not a whole slide."
    ),
    classes={
        "colon_adenocarcinoma": ClassText(
            "Possible colon adenocarcinoma",
            "Adenocarcinoma of the colon is a cancer that starts in the gland cells that line the large bowel. It is "
            f"the commonest kind of bowel cancer. {_GUESS}",
            f"{_PATHOLOGIST} {_COLON_SIGNS}",
            f"{_COLON}; {_COLON_WHO}; NHS: Bowel cancer",
            action="cancer pathway",
        ),
        "colon_benign": ClassText(
            "Looks like benign colon tissue",
            f"Benign means not cancer. The tile looks to the model like its pictures of such bowel tissue. "
            f"{_NOT_RULED_OUT}",
            f"{_NO_DELAY} {_COLON_SIGNS}",
            f"{_COLON}; NHS: Bowel cancer",
            action="none",
        ),
        "lung_adenocarcinoma": ClassText(
            "Possible lung adenocarcinoma",
            "Adenocarcinoma of the lung is a cancer that starts in gland cells, the kind that make mucus. It is the "
            f"commonest kind of lung cancer, and people who never smoked can get it too. {_GUESS}",
            f"{_PATHOLOGIST} {_LUNG_SIGNS}",
            f"{_LUNG}; {_LUNG_WHO}; NHS: Coughing up blood",
            action="cancer pathway",
        ),
        "lung_benign": ClassText(
            "Looks like benign lung tissue",
            f"Benign means not cancer. The tile looks to the model like its pictures of such lung tissue. "
            f"{_NOT_RULED_OUT}",
            f"{_NO_DELAY} {_LUNG_SIGNS}",
            f"{_LUNG}; NHS: Coughing up blood",
            action="none",
        ),
        "lung_squamous_cell_carcinoma": ClassText(
            "Possible squamous cell carcinoma of the lung",
            "Squamous cell carcinoma is a cancer that starts in flat cells lining the airways of the lung. It is often "
            f"linked to smoking, but not always. {_GUESS}",
            f"{_PATHOLOGIST} {_LUNG_SIGNS}",
            f"{_LUNG}; {_LUNG_WHO}; NHS: Coughing up blood",
            action="cancer pathway",
        ),
    },
    folders={
        "colon_adenocarcinoma": "colon_aca",
        "colon_benign": "colon_n",
        "lung_adenocarcinoma": "lung_aca",
        "lung_benign": "lung_n",
        "lung_squamous_cell_carcinoma": "lung_scc",
    },
    not_for=(
        "Any patient's slide: no diagnosis, grade, stage, margin or second reading.",
        "Ruling cancer out of a tile, a slide or a person.",
        "Other organs, other cancers, inflammation or polyps: they get one of its five names.",
        "Other stains, scanners or magnifications: it knows those of one data set.",
        "Whole slides: it sees one tile of 768 x 768 pixels or less.",
    ),
    limits=(
        "It sees one tile. It cannot read a whole slide, find the edge of a cancer, grade it or stage it.",
        "It knows five classes. Small cell lung cancer, a spread from another organ, polyps, inflammation and tissue "
        "of any other organ still get one of the five names.",
        "Trained on LC25000 (Borkowski et al. 2019): 25,000 pictures made from 1,250 base images by turning and "
        "changing them. About 150 different base images a class were used to train and about 32 to test.",
        "No base image is in both training and test, but patients and slides are not known and may be.",
        "The test pictures are copies of few base images, so its scores look surer than they are.",
        "Lung and colon tiles were resized by different people: traces of that may tell the organs apart.",
        "Stain, scanner and magnification are those of one data set; others were not tested, and the benign lung "
        "tiles differ from the cancers in colour to the naked eye.",
        "It must not be used on a patient's slide for any decision.",
    ),
    notice="It saw one tiny tile, not the whole slide, and it knows five kinds of tissue only.",
)
