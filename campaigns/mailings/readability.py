"""How hard a text is to read: grades from published formulas, long sentences, hard words. Pure.

Both formulas are made for whole texts: for fewer than `SHORT_WORDS` words the number jumps with
each word, and the result says so. They count lengths; they cannot tell whether a text makes sense.

References
----------
.. [1] Kincaid, J. P., Fishburne, R. P., Rogers, R. L., Chissom, B. S. (1975). Derivation of new
       readability formulas for Navy enlisted personnel. Research Branch Report 8-75:
       grade = 0.39 words/sentences + 11.8 syllables/words - 15.59.
.. [2] Fernández Huerta, J. (1959). Medidas sencillas de lecturabilidad. Consigna 214, 29-32, with
       words per sentence as corrected by Law, G. (2011): score = 206.84 - 60 syllables/words -
       1.02 words/sentences.
.. [3] Szigriszt Pazos, F. (1993). Sistemas predictivos de legilibilidad del mensaje escrito.
       Universidad Complutense de Madrid: score = 206.835 - 62.3 syllables/words -
       words/sentences; above 65 is rather easy on the scale of Barrio Cantalejo et al. (2008).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

SHORT_WORDS = 30
LONG_SENTENCE = {"en": 20, "es": 25}
"""Words from which on a sentence is listed."""
LONG_WORD = {"en": 4, "es": 5}
"""Syllables from which on a word is listed."""
MAX_LISTED = 20
PLAIN_GRADE = 8.0
"""Up to this grade a text counts as plain."""

GRADE_OF_SCORE = (
    (90.0, 4.0),
    (80.0, 5.0),
    (70.0, 6.0),
    (60.0, 8.0),
    (50.0, 11.0),
    (30.0, 14.0),
)
"""From which Fernández Huerta score on which school year reads a text with ease [2]_."""
HARDEST_GRADE = 17.0

_SENTENCE_END = re.compile(r"[.!?…]+[\"”»')\]]*(?=\s|$)|\n+")
_WORD = re.compile(r"[^\W_]+(?:['\u2019\-][^\W_]+)*")
_STOPPED = re.compile(
    r"\b(?:[A-Za-z]\.){2,}|\b(?:Mr|Mrs|Ms|Dr|St|Ave|Rd|No|Sr|Sra|Srta|Dra|Av|Ud|Uds|p\. ej|etc)\."
)
_DECIMAL = re.compile(r"(?<=\d)[.,](?=\d)")
_CLIPPED = frozenset({"s", "d", "m", "t", "re", "ve", "ll"})
"""What stands after an apostrophe and is no syllable of its own."""
_SILENT = (
    re.compile(r"[^aeiouy]e$"),
    re.compile(r"[^aeiouycgsxz]es$"),
    re.compile(r"[^aeiouytd]ed$"),
)
_HEARD = re.compile(r"[^aeiouyl]le[sd]?$|(?:sh|ch)es$")
_EN_VOWELS = re.compile(r"[aeiouy]+")
_ES_VOWELS = re.compile(r"[aeiouáéíóúü]+")
_ES_STRONG = re.compile(r"[aeoáéóíú]")


@dataclass(frozen=True)
class HardWord:
    """A word that many do not read with ease, and what to say instead."""

    word: str
    plainer: str | None
    """None when we know no plainer one: the word is only long."""


@dataclass(frozen=True)
class Readability:
    """How hard a text is."""

    language: str
    word_count: int
    sentence_count: int
    syllable_count: int
    grade: float
    """School years (United States) that a reader needs."""
    score: float | None
    """Spanish: Fernández Huerta's, 100 is very easy [2]_; None in English."""
    szigriszt: float | None
    """Spanish: Szigriszt Pazos's [3]_; None in English."""
    long_sentences: tuple[str, ...]
    hard_words: tuple[HardWord, ...]

    @property
    def is_short(self) -> bool:
        """Whether the text is too short for a grade to say much."""
        return self.word_count < SHORT_WORDS

    @property
    def is_plain(self) -> bool:
        """Whether it may go as it is."""
        return self.grade <= PLAIN_GRADE


def judge(text: str, language: str) -> Readability:
    """How hard a text is to read in its language (``en`` or ``es``)."""
    sentences = split_sentences(text)
    words = [word for sentence in sentences for word in split_words(sentence)]
    syllables = sum(count_syllables(word, language) for word in words)
    score = szigriszt = None
    if not words:
        grade = 0.0
    elif language == "es":
        score = grade_huerta(len(words), len(sentences), syllables)
        szigriszt = grade_szigriszt(len(words), len(sentences), syllables)
        grade = next((year for least, year in GRADE_OF_SCORE if score >= least), HARDEST_GRADE)
    else:
        grade = max(0.0, grade_flesch_kincaid(len(words), len(sentences), syllables))
    return Readability(
        language=language,
        word_count=len(words),
        sentence_count=len(sentences),
        syllable_count=syllables,
        grade=round(grade, 1),
        score=None if score is None else round(score, 1),
        szigriszt=None if szigriszt is None else round(szigriszt, 1),
        long_sentences=tuple(
            sentence
            for sentence in sentences
            if len(split_words(sentence)) > LONG_SENTENCE[language]
        )[:MAX_LISTED],
        hard_words=tuple(_list_hard(text, words, language))[:MAX_LISTED],
    )


def grade_flesch_kincaid(words: int, sentences: int, syllables: int) -> float:
    """The school year that reads an English text with ease [1]_."""
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def grade_huerta(words: int, sentences: int, syllables: int) -> float:
    """How easy a Spanish text is, 100 very easy [2]_."""
    return 206.84 - 60 * syllables / words - 1.02 * words / sentences


def grade_szigriszt(words: int, sentences: int, syllables: int) -> float:
    """How easy a Spanish text is, 100 very easy [3]_."""
    return 206.835 - 62.3 * syllables / words - words / sentences


def split_sentences(text: str) -> list[str]:
    """Sentences, with items of lists and lines as sentences of their own."""
    calm = _STOPPED.sub(lambda found: found[0].replace(".", ""), _DECIMAL.sub("", text))
    parts = (part.strip() for part in _SENTENCE_END.split(calm))
    return [part for part in parts if _WORD.search(part)]


def split_words(sentence: str) -> list[str]:
    """Words; an apostrophe or a hyphen inside does not end one."""
    return _WORD.findall(sentence)


def count_syllables(word: str, language: str) -> int:
    """Syllables of a word; each digit of a number counts as one."""
    digits = sum(character.isdigit() for character in word)
    if digits:
        return digits
    parts = [part for part in re.split(r"['\u2019\-]", word.lower()) if part]
    if language == "es":
        return max(1, sum(_count_spanish(part) for part in parts))
    heard = [part for place, part in enumerate(parts) if not place or part not in _CLIPPED]
    return max(1, sum(_count_english(part) for part in heard))


def _count_english(word: str) -> int:
    """Groups of vowels, without the e that is not heard: right for nine words in ten."""
    known = _load_words()["syllables"].get(word)
    if known is not None:
        return int(known)
    count = len(_EN_VOWELS.findall(word))
    if any(ending.search(word) for ending in _SILENT) and not _HEARD.search(word):
        count -= 1
    return max(1, count)


def _count_spanish(word: str) -> int:
    """By the rules of the language: strong vowels part, weak ones join unless stressed."""
    plain = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word)
    plain = re.sub(r"y$", "i", plain)
    return max(
        1 if plain else 0,
        sum(max(1, len(_ES_STRONG.findall(run))) for run in _ES_VOWELS.findall(plain)),
    )


def _list_hard(text: str, words: Iterable[str], language: str) -> Iterable[HardWord]:
    plainer: dict[str, str] = _load_words()[language]
    lower = f" {' '.join(split_words(text.lower()))} "
    for phrase, instead in plainer.items():
        if f" {phrase} " in lower:
            yield HardWord(phrase, instead)
    seen = set(plainer)
    for word in words:
        low = word.lower()
        if low not in seen and count_syllables(low, language) >= LONG_WORD[language]:
            seen.add(low)
            if not any(character.isdigit() for character in low):
                yield HardWord(low, None)


@cache
def _load_words() -> dict[str, dict[str, str]]:
    text = resources.files("campaigns.mailings").joinpath("plain_words.json").read_text("utf-8")
    loaded: dict[str, dict[str, str]] = json.loads(text)
    return loaded
