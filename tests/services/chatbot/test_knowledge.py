"""The knowledge base is whole, and the linter sees what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from services.chatbot.lint import lint, main
from services.chatbot.topics import KNOWLEDGE, read_topic, read_topics
from shared.errors import BundleError
from training.emergencies import _EMERGENCY_TOPICS

MIGRAINE = KNOWLEDGE / "migraine.yaml"


def test_the_shipped_knowledge_base_is_clean() -> None:
    assert lint() == []
    assert len(read_topics()) >= 150


def test_every_model_of_doctorai_is_explained() -> None:
    explained = {model for topic in read_topics() for model in topic.models}
    assert explained == {"lung_colon", "monkeypox", "tumor", "xray", "palm_disease"}


def test_the_topics_that_training_leaves_out_exist() -> None:
    assert {topic.id for topic in read_topics()} >= _EMERGENCY_TOPICS


def _write(folder: Path, **changes: object) -> None:
    """A copy of the migraine topic with ``changes``: "ar.what" names a field of a language; None removes it."""
    topic = yaml.safe_load(MIGRAINE.read_text(encoding="utf-8"))
    for path, value in changes.items():
        target = topic
        *parents, last = path.split(".")
        for parent in parents:
            target = target[parent]
        if value is None:
            del target[last]
        else:
            target[last] = value
    (folder / f"{topic['id']}.yaml").write_text(yaml.safe_dump(topic, allow_unicode=True), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"ar": None}, "ar: Field required"),
        ({"references": []}, "references"),
        ({"references": ["my blog: migraine"]}, "is not 'AUTHORITY: title'"),
        ({"reviewed": "2999-01-01"}, "lies in the future"),
        ({"ar.causes": None}, "do not have the same sections"),
        (
            {"en.self_care": "Take 400 mg of ibuprofen every six hours and rest in a quiet dark room."},
            "reads like a dose",
        ),
        ({"ar.self_care": "خذ ٢ حبة من المسكن كل ست ساعات ثم استرح في غرفة هادئة ومظلمة"}, "reads like a dose"),
        (
            {"ar.what": "This text is in English although it should be in the Arabic language here."},
            "not in this language",
        ),
        ({"en.what": "Short, but long enough."}, "words; 8 to 130 are wanted"),
        ({"kind": "rumour"}, "kind"),
        ({"surprise": "x"}, "surprise"),
        ({"models": ["xray"]}, "go together"),
    ],
)
def test_what_the_linter_finds(tmp_path: Path, changes: dict[str, object], complaint: str) -> None:
    _write(tmp_path, **changes)
    assert any(complaint in line for line in lint(tmp_path)), lint(tmp_path)


def test_two_topics_with_one_name(tmp_path: Path) -> None:
    _write(tmp_path)
    _write(tmp_path, id="headache")
    assert any("'migraine' is a name of" in line for line in lint(tmp_path))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("a: [1", encoding="utf-8")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "code.yaml").write_text("!!python/object/apply:os.system ['true']", encoding="utf-8")
    assert len(lint(tmp_path)) == 3
    with pytest.raises(BundleError, match="cannot be read"):
        read_topic(tmp_path / "code.yaml")


def test_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BundleError, match="empty"):
        read_topics(tmp_path)
    monkeypatch.setattr("sys.argv", ["lint", str(tmp_path)])
    assert main() == 1
    assert "0 topics" in capsys.readouterr().out
