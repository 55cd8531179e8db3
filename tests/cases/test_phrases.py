"""The sentences that are offered for descriptions."""

from dataclasses import replace
from pathlib import Path

import pytest

from cases.phrases import check_phrases, phrases, read_phrases
from core.settings import BadSettings, Settings

HEAD = "class_code,zh,en\n"


def test_the_sentences_of_this_project_are_good_and_have_a_version(settings: Settings) -> None:
    found = phrases(settings)
    assert len(found.items) > 50
    assert any(one.class_code == "06" and one.zh == "垃圾堆放约{n}平方米" for one in found.items)
    assert len(found.version) == 16


def test_another_sentence_is_another_version(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text(HEAD + "06,积水,water\n")
    other.write_text(HEAD + "06,积水,much water\n")
    assert read_phrases(one).version != read_phrases(other).version


def test_no_file_named_is_no_sentence(settings: Settings) -> None:
    none = replace(settings, field_app=replace(settings.field_app, phrases=""))
    assert phrases(none).items == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + "6,积水,water\n", "2: class_code '6'"),
        (HEAD + "06,,water\n", "2: zh has"),
        (HEAD + "06,积水约{n}米,water\n", "2: zh and en have the same places"),
        (HEAD + "06,积水{x},water {x}\n", "2: zh and en have the same places"),
        (HEAD + f"06,积水,{'w' * 101}\n", "2: en has"),
        ("class,zh,en\n06,积水,water\n", "1: the columns are"),
        (HEAD + '06,"积水,water\n', "unexpected end"),
    ],
)
def test_a_faulty_line_stops_the_start_and_is_named(tmp_path: Path, settings: Settings, text: str, told: str) -> None:
    file = tmp_path / "phrases.csv"
    file.write_text(text)
    with pytest.raises(BadSettings, match=r"field_app\.phrases") as caught:
        check_phrases(replace(settings, field_app=replace(settings.field_app, phrases=str(file))))
    assert told in str(caught.value)


def test_a_file_that_is_not_there_stops_the_start(settings: Settings) -> None:
    with pytest.raises(BadSettings, match=r"field_app\.phrases"):
        check_phrases(replace(settings, field_app=replace(settings.field_app, phrases="data/nowhere.csv")))
