from services.palm.definition import SERVICE


def test_labels_and_their_order() -> None:
    assert tuple(SERVICE.classes) == ("healthy", "anemia")
    assert SERVICE.folders == {"healthy": "non_anemic", "anemia": "anemic"}


def test_every_text_is_filled_and_sourced() -> None:
    for text in SERVICE.classes.values():
        assert all(len(part) > 10 for part in (text.title, text.description, text.recommendation, text.source))
        assert "WHO" in text.source


def test_every_answer_says_that_the_model_is_a_demonstration_made_on_fingers() -> None:
    for text in (SERVICE.disclaimer, SERVICE.limits[0]):
        assert "demonstration" in text
        assert "backs of fingers" in text
        assert "one lamp" in text
