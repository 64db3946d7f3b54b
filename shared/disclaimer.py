"""What every answer says."""

DISCLAIMER = (
    "For education and research only. Not a medical device and not a diagnosis: do not use this answer to decide "
    "on anybody's care. If you are worried about your health, see a qualified clinician."
)
