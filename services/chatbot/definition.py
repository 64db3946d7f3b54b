"""What the chatbot says of itself."""

from shared.definition import ServiceDefinition

SERVICE = ServiceDefinition(
    service="chatbot",
    model="chatbot",
    title="Answers to questions about health, in English and Arabic",
    accepts="A message of at most 4,000 characters in English or Arabic.",
    classes={},
    limits=(
        "It answers from a fixed list of topics; what is not in the list it does not know, and says so.",
        "The topics, the emergency rules and the test questions were written for this project from public references; "
        "no clinician has reviewed them yet.",
        "It spots emergencies by rules and a small model and misses some: silence is not an all-clear.",
        "It takes harmless messages for an emergency now and then, on purpose: see the false alarm rate in the card.",
        "It does not diagnose, prescribe, give doses or see pictures.",
        "Arabic is Modern Standard Arabic in the answers; dialects are understood less well than that.",
        "With a language model of the user's, each answer is checked against its sources by words, not by meaning.",
    ),
)
