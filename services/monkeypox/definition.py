"""Labels and texts of the monkeypox service. Mpox is the World Health Organization's present name of the disease."""

from shared.definition import ClassText, ServiceDefinition

_MPOX = "WHO: Mpox (fact sheet); CDC: Clinical Features of Mpox"

SERVICE = ServiceDefinition(
    service="monkeypox",
    model="monkeypox",
    title="Mpox (monkeypox) from a photo of the skin",
    accepts="One close, sharp colour photo of a rash or sore on the skin, in even light, as JPEG or PNG.",
    classes={
        "monkeypox": ClassText(
            "Possible mpox (monkeypox)",
            "Mpox, once called monkeypox, is a disease from a virus. It brings a rash or sores, often with fever, "
            "tiredness and swollen glands, and it spreads by close contact. This is a computer's guess from one "
            "photo: many rashes look alike, and only a laboratory test of a swab can tell.",
            "Call a doctor or a sexual health clinic before you go, and ask about a test. Until you know, cover the "
            "rash, keep from close contact with others, and do not share towels or bedding. Call the same day if you "
            "are pregnant, if your body fights infections poorly, or for a young child. Get emergency help for sores "
            "in or near the eye, trouble breathing, confusion or chest pain.",
            _MPOX,
            action="isolate and test",
        ),
        "non_monkeypox": ClassText(
            "Not like the model's mpox pictures",
            "The photo looks to the model more like its pictures of chickenpox, measles or healthy skin than of mpox "
            "(monkeypox). This does not rule out mpox or any other disease, and it does not mean that the skin is "
            "healthy. It is a computer's guess from one photo.",
            "Ask a doctor about any rash that is new, sore or spreading, and about a test if you were near somebody "
            "with mpox. Call before you go: measles and chickenpox spread easily. Call an ambulance for a rash with "
            "trouble breathing, confusion or a stiff neck, or for one that does not fade when you press a glass on it.",
            f"{_MPOX}; NHS: Measles; NHS: Chickenpox; NHS: Meningitis",
            action="none",
        ),
    },
    folders={"monkeypox": "monkeypox", "non_monkeypox": "others"},
    not_for=(
        "Deciding who is tested for mpox, kept apart or treated: only a laboratory test tells mpox.",
        "Telling anybody that a rash is not mpox, or is harmless.",
        "Any other disease of the skin: shingles, herpes, syphilis, scabies and eczema get one of its two names.",
        "Light skin: mpox was seen mostly on dark skin, so it may be missed.",
        "Sores in the mouth, eyes or on the genitals.",
    ),
    limits=(
        "Trained on fewer than 200 pictures and tested on 47, too few to say how good it is: one test picture more or "
        "less is about two points.",
        "It must not be used to decide who is tested, kept apart or treated. Only a laboratory test tells mpox.",
        "Its other class holds chickenpox, measles and healthy skin only. Shingles, herpes, syphilis, scabies, acne, "
        "eczema, insect bites and every other rash still get one of its two names.",
        "Healthy skin is studio photography, mostly on a plain background: it may know the studio and not the skin.",
        "How well each skin tone is covered is not known: the pictures carry no such label. To the eye, dark skin is "
        "far commoner in the mpox pictures, so the model may take skin tone for mpox and miss mpox on lighter skin.",
        "Many pictures come from the web, some from the same patient. The labels are the sources' own, with no "
        "laboratory result that we know of.",
        "Early rash, a single sore, and sores in the mouth or on the genitals were not tested apart. Ages are unknown.",
    ),
    notice="Trained on fewer than 200 pictures; it may mistake skin tone for disease.",
)
