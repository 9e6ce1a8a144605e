"""Grades of texts against examples that were published, or counted by hand."""

from __future__ import annotations

import pytest

from campaigns.mailings.readability import (
    count_syllables,
    grade_flesch_kincaid,
    grade_huerta,
    grade_szigriszt,
    judge,
    split_sentences,
)

PLATYPUS = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
"""A widely published example: 13 words, 24 syllables, grade 11.3."""
QUIXOTE = (
    "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía "
    "un hidalgo de los de lanza en astillero, adarga antigua, rocín flaco y galgo corredor."
)
"""Cervantes, 1605. By hand: 33 words, 60 syllables, one sentence."""


def test_published_example_in_english() -> None:
    found = judge(PLATYPUS, "en")
    assert (found.word_count, found.sentence_count, found.syllable_count) == (13, 1, 24)
    assert found.grade == 11.3
    assert not found.is_plain
    assert found.is_short


def test_text_counted_by_hand_in_spanish() -> None:
    found = judge(QUIXOTE, "es")
    assert (found.word_count, found.sentence_count, found.syllable_count) == (33, 1, 60)
    assert found.score == round(206.84 - 60 * 60 / 33 - 1.02 * 33, 1) == 64.1
    assert found.szigriszt == round(206.835 - 62.3 * 60 / 33 - 33, 1) == 60.6
    assert found.grade == 8.0
    assert len(found.long_sentences) == 1


def test_formulas_with_round_numbers() -> None:
    assert grade_flesch_kincaid(100, 5, 150) == pytest.approx(7.8 + 17.7 - 15.59)
    assert grade_huerta(100, 5, 200) == pytest.approx(206.84 - 120 - 20.4)
    assert grade_szigriszt(100, 5, 200) == pytest.approx(206.835 - 124.6 - 20)


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("cat", 1), ("table", 2), ("tables", 2), ("make", 1), ("makes", 1), ("houses", 2),
        ("helped", 1), ("needed", 2), ("called", 1), ("handled", 2), ("cities", 2),
        ("recycling", 4), ("volunteer", 3), ("we're", 1), ("free", 1), ("the", 1),
        ("snow-blower", 3), ("26", 2),
    ],
)  # fmt: skip
def test_english_syllables(word: str, count: int) -> None:
    assert count_syllables(word, "en") == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("río", 2), ("ciudad", 2), ("leer", 2), ("rey", 1), ("quiero", 2), ("guitarra", 3),
        ("pingüino", 3), ("construir", 2), ("ahí", 2), ("y", 1), ("muy", 1), ("reciclaje", 4),
        ("vecindario", 4), ("día", 2), ("aéreo", 4),
    ],
)  # fmt: skip
def test_spanish_syllables(word: str, count: int) -> None:
    assert count_syllables(word, "es") == count


def test_sentences_survive_abbreviations_numbers_and_lists() -> None:
    text = "Come at 9 a.m. to St. Paul. It costs 2.50!\n- Paper\n- Cans"
    assert len(split_sentences(text)) == 4
    assert split_sentences("...") == []


def test_hard_words_come_with_plainer_ones() -> None:
    words = {
        row.word: row.plainer
        for row in judge("We utilize carts in order to help.", "en").hard_words
    }
    assert words == {"utilize": "use", "in order to": "to"}
    spanish = judge("Hay que utilizar el contenedor con el fin de reciclar.", "es").hard_words
    assert {row.word: row.plainer for row in spanish} == {
        "utilizar": "usar",
        "con el fin de": "para",
    }


def test_nothing_to_read_is_no_error() -> None:
    assert judge("", "en").grade == 0
    assert judge("?!", "es").word_count == 0


def test_plain_text_is_called_plain() -> None:
    plain = "Put your blue cart out on Monday. Paper and cans go in. Thank you for your help. " * 3
    assert judge(plain, "en").is_plain
    assert not judge(plain, "en").is_short
    assert (
        judge(
            "Saque su carro azul el lunes. Ponga papel y latas. Gracias por su ayuda.", "es"
        ).grade
        <= 8
    )
