"""What a text message asks for: "YES K7", "no k 7", "PAUSA 2 SEMANAS". Pure, and never fails.

Only the verb, codes, a number of days and the words to pass on are read; what a code stands for is
looked up by those who know. English and Spanish are understood side by side, whatever language the
sender has chosen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.ids import CODE_ALPHABET

MAX_TEXT = 1_600
MAX_COMMANDS = 5
MAX_PAUSE_DAYS = 365
USUAL_PAUSE_DAYS = 7
CODE_LENGTHS = frozenset({2, 3, 6})
"""Codes of offers and conversations, and references of requests."""


class Verb(StrEnum):
    """What somebody wants."""

    YES = "yes"
    NO = "no"
    DONE = "done"
    NOT_DONE = "not_done"
    ON_MY_WAY = "on_my_way"
    CANNOT = "cannot"
    NOT_TODAY = "not_today"
    PAUSE = "pause"
    STOP = "stop"
    START = "start"
    HELP = "help"
    STATUS = "status"
    RELAY = "relay"
    ASK = "ask"
    UNKNOWN = "unknown"


class Which(StrEnum):
    """Whether somebody means one, all, or whatever there is."""

    NAMED = "named"
    ALL = "all"
    ANY = "any"


@dataclass(frozen=True)
class TextCommand:
    """One wish of one text message."""

    verb: Verb
    codes: tuple[str, ...] = ()
    """What may be codes, in order; words such as "me" look like them too."""
    which: Which = Which.NAMED
    days: int | None = None
    """Of a pause."""
    text: str = ""
    """For RELAY what is to be passed on; else the whole message, as it came."""
    language: str | None = None
    """``es`` when it was said in Spanish, ``en`` in English; None when both say it so."""


_COMMON = """
    an and any all are al at ay can car da day de del el ella en era far had hay he her hey him la
    lay le lee let man mal may me mal muy my nada nah near need new or para plan ran tal tan te th
    than thank the then they try tu two un una up va van ve ven ver very way we when ya yea
"""
COMMON_WORDS = frozenset(_COMMON.upper().split())
"""Words that are spelt with the letters of codes; they count as codes only when they are known."""

_PHRASES: dict[Verb, dict[str, Sequence[str]]] = {
    Verb.NOT_TODAY: {
        "en": ("not today", "no today", "nottoday", "no not today"),
        "es": ("hoy no", "no hoy", "no por hoy", "no puedo hoy"),
    },
    Verb.NOT_DONE: {
        "en": ("not done", "notdone", "undone", "nobody came", "no one came", "no show"),
        "es": ("no hecho", "no esta hecho", "nadie vino", "no vino nadie", "no vino"),
    },
    Verb.CANNOT: {
        "en": ("cannot", "can not", "cant", "can t", "give back", "cancel"),
        "es": ("no puedo", "devolver", "cancelar"),
    },
    Verb.ON_MY_WAY: {
        "en": ("on my way", "omw", "on the way", "started", "going"),
        "es": ("en camino", "voy", "ya voy", "empece", "salgo"),
    },
    Verb.RELAY: {"en": ("to", "tell"), "es": ("a", "para", "decir")},
    Verb.ASK: {
        "en": ("ask", "need help", "i need help", "ask for help", "help me"),
        "es": ("pedir", "pedir ayuda", "necesito ayuda", "solicitar", "ayudame"),
    },
    Verb.YES: {
        "en": ("yes", "y", "yeah", "yep", "yup", "yess", "sure", "accept", "i will"),
        "es": ("si", "s", "sii", "siii", "claro", "vale", "acepto", "sip"),
        "": ("ok", "okay", "oki"),
    },
    Verb.NO: {
        "en": ("n", "nope", "nah", "decline", "no thanks", "no thank you", "pass"),
        "es": ("no gracias", "rechazo"),
        "": ("no",),
    },
    Verb.DONE: {
        "en": ("done", "finished", "all done", "complete", "completed"),
        "es": ("hecho", "listo", "terminado", "termine", "ya esta", "lista", "hecha"),
    },
    Verb.PAUSE: {"en": ("pause", "snooze", "take a break"), "es": ("pausa", "pausar", "descanso")},
    Verb.START: {
        "en": ("start", "unstop", "resume", "restart"),
        "es": ("empezar", "iniciar", "comenzar", "reanudar", "inicio"),
    },
    Verb.HELP: {"en": ("help", "info", "commands"), "es": ("ayuda", "informacion")},
    Verb.STATUS: {"en": ("status", "list", "open", "what is open"), "es": ("estado", "lista")},
}
_STOP = {
    "en": ("stop", "stopall", "stop all", "unsubscribe", "opt out", "optout"),
    "es": ("alto", "pare", "basta", "darme de baja", "no mas mensajes"),
}
_STOP_ALONE = {
    "en": ("cancel", "end", "quit", "revoke"),
    "es": ("cancelar", "para", "parar", "baja"),
}
"""These stop when nothing else is said: carriers and regulators read them so."""
_STOP_NEAR = {"stop": "en", "unsubscribe": "en", "pare": "es", "alto": "es"}
"""So do these in a few words, such as "please stop"."""
FEW_WORDS = 4
_NO_ANSWER = (("no", "problem"), ("no", "problema"), ("no", "hay", "problema"), ("no", "worries"))
"""They begin like a no, and are none."""

_UNITS = {
    "day": 1, "days": 1, "dia": 1, "dias": 1, "d": 1,
    "week": 7, "weeks": 7, "wk": 7, "wks": 7, "semana": 7, "semanas": 7, "w": 7,
    "month": 30, "months": 30, "mes": 30, "meses": 30,
}  # fmt: skip
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "un": 1, "una": 1, "uno": 1, "two": 2, "dos": 2, "three": 3,
    "tres": 3, "four": 4, "cuatro": 4, "five": 5, "cinco": 5, "six": 6, "seis": 6,
}  # fmt: skip
_ALL = frozenset({"all", "todo", "todos", "toda", "todas", "both", "ambos", "ambas", "everything"})
_ANY = frozenset({"any", "anyone", "anything", "cualquiera", "cualquier", "whatever"})

_WORD = re.compile(r"[a-z0-9ñ]+")
_JOINED = re.compile(r"(yes|si|no|done|hecho|listo|to|ok)([a-z]?\d[a-z]?|\d\d)")
_SEPARATORS = re.compile(r"[\s\-_.:#,]*")


def _phrase_list() -> list[tuple[tuple[str, ...], Verb, str | None]]:
    rows = [
        (tuple(phrase.split()), verb, language or None)
        for verb, by_language in _PHRASES.items()
        for language, phrases in by_language.items()
        for phrase in phrases
    ]
    rows += [
        (tuple(phrase.split()), Verb.STOP, language)
        for language, phrases in _STOP.items()
        for phrase in phrases
    ]
    return sorted(rows, key=lambda row: -len(row[0]))


_ROWS = _phrase_list()
_NEEDS_CODE = frozenset({Verb.RELAY})


def fold(text: str) -> str:
    """Small letters without accents and without what only looks like a space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def read_commands(text: str) -> tuple[TextCommand, ...]:
    """What a text message asks for: one wish, or several such as "YES K7 NO M4"; never empty."""
    raw = text[:MAX_TEXT]
    words = _split(raw)
    whole = " ".join(words)
    for tongue, phrases in _STOP_ALONE.items():
        if whole in phrases:
            return (TextCommand(Verb.STOP, text=raw.strip(), language=tongue),)
    stops = [_STOP_NEAR[word] for word in words if word in _STOP_NEAR]
    if stops and len(words) <= FEW_WORDS and not any(_is_sure_code(word) for word in words):
        return (TextCommand(Verb.STOP, text=raw.strip(), language=stops[0]),)
    if any(tuple(words[: len(phrase)]) == phrase for phrase in _NO_ANSWER):
        return (_without_verb(words, raw),)
    found = _find_verb(words, 0)
    if found is None:
        return (_without_verb(words, raw),)
    verb, used, language = found
    if verb is Verb.RELAY:
        return (_read_relay(raw, words, used, language),)
    parts = _parts(words, verb, used, language)
    return tuple(replace(part, text=raw.strip()) for part in parts[:MAX_COMMANDS])


def read_command(text: str) -> TextCommand:
    """The first wish of a text message."""
    return read_commands(text)[0]


def has_code(text: str) -> bool:
    """Whether a text surely holds a code: one with a digit, such as "K7"."""
    words = _split(text[:MAX_TEXT])
    return any(_is_sure_code(word) for word in words) or any(
        any(char.isdigit() for char in code) for code in _codes(words)
    )


def is_common_word(code: str) -> bool:
    """Whether what looks like a code is a word that people write without meaning one."""
    return code.upper() in COMMON_WORDS


def _split(raw: str) -> list[str]:
    words: list[str] = []
    for word in _WORD.findall(fold(raw).replace("'", "").replace("\u2019", "")):
        joined = _JOINED.fullmatch(word)
        words += joined.groups() if joined else (word,)
    return words


def _find_verb(words: Sequence[str], start: int) -> tuple[Verb, int, str | None] | None:
    """The verb that begins at a word: with how many words it takes, and in which language."""
    for phrase, verb, language in _ROWS:
        if tuple(words[start : start + len(phrase)]) == phrase:
            after = _codes(words[start + len(phrase) :][:2])
            if verb in _NEEDS_CODE and (not after or is_common_word(after[0])):
                continue
            return verb, len(phrase), language
    return None


def _parts(words: Sequence[str], verb: Verb, used: int, language: str | None) -> list[TextCommand]:
    """Split "yes k7 no m4": a further verb counts only when a code with a digit follows it."""
    parts: list[TextCommand] = []
    begin, position = used, used
    while position < len(words):
        found = _find_verb(words, position)
        follows = None if found is None else words[position + found[1] : position + found[1] + 1]
        if found and follows and _is_sure_code(follows[0]) and found[0] in (Verb.YES, Verb.NO):
            parts.append(_make(verb, words[begin:position], language))
            verb, language = found[0], found[2] or language
            position += found[1]
            begin = position
        else:
            position += 1
    parts.append(_make(verb, words[begin:], language))
    return parts


def _make(verb: Verb, rest: Sequence[str], language: str | None) -> TextCommand:
    which = Which.NAMED
    if verb in (Verb.YES, Verb.NO, Verb.DONE):
        if any(word in _ALL for word in rest):
            which = Which.ALL
        elif any(word in _ANY for word in rest):
            which = Which.ANY
    days = _read_days(rest) if verb is Verb.PAUSE else None
    kept = [word for word in rest if word not in _ALL and word not in _ANY]
    codes = () if verb is Verb.PAUSE else _codes(kept)
    return TextCommand(verb, codes, which, days, language=language)


def _without_verb(words: Sequence[str], raw: str) -> TextCommand:
    """A code alone is worth an answer: which word goes with it."""
    return TextCommand(Verb.UNKNOWN, _codes(words), text=raw.strip())


def _codes(words: Sequence[str]) -> tuple[str, ...]:
    """What may be codes among words: "k7", and "k 7" when the parts stand alone."""
    codes: list[str] = []
    position = 0
    while position < len(words):
        word = words[position].upper()
        pair = word + words[position + 1].upper() if position + 1 < len(words) else ""
        if len(word) == 1 and len(pair) == 2 and _is_code(pair):
            codes.append(pair)
            position += 2
            continue
        if _is_code(word):
            codes.append(word)
        position += 1
    return tuple(dict.fromkeys(codes))[:MAX_COMMANDS]


def _is_code(word: str) -> bool:
    return len(word) in CODE_LENGTHS and all(char in CODE_ALPHABET for char in word)


def _is_sure_code(word: str) -> bool:
    return _is_code(word.upper()) and any(char.isdigit() for char in word)


def _read_days(rest: Sequence[str]) -> int:
    """How long a pause is to be: "2 weeks", "un mes", "10d"; a week when nothing is said."""
    number: int | None = None
    for word in rest:
        glued = re.fullmatch(r"(\d{1,4})([a-z]+)", word)
        if glued and glued[2] in _UNITS:
            return _bounded(int(glued[1]) * _UNITS[glued[2]])
        if word in _UNITS:
            return _bounded((1 if number is None else number) * _UNITS[word])
        if word.isascii() and word.isdigit():
            number = int(word[:4])
        elif word in _NUMBERS:
            number = _NUMBERS[word]
    return USUAL_PAUSE_DAYS if number is None else _bounded(number)


def _bounded(days: int) -> int:
    return max(1, min(days, MAX_PAUSE_DAYS))


def _read_relay(raw: str, words: Sequence[str], used: int, language: str | None) -> TextCommand:
    """ "TO K7 I am at the door": the code, and the rest as it was written."""
    code = _codes(words[used : used + 2])[0]
    pattern = _SEPARATORS.pattern.join(re.escape(char) for char in code)
    match = re.search(pattern, raw, re.IGNORECASE)
    text = raw[match.end() :] if match else ""
    return TextCommand(
        Verb.RELAY, (code,), text=text.lstrip(" \t\r\n:,-.").rstrip(), language=language
    )
