"""The kinds of help of a programme: data, by default those of `help_kinds.json`."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from importlib import resources
from typing import Any

import msgspec

from matching.intake.errors import InvalidIntakeRules, InvalidRequest
from matching.kinds import RequestKind


class ScopeOption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part of the work that may be agreed on."""

    code: str
    labels: dict[str, str]
    usual: bool = False
    """Agreed unless somebody says otherwise."""


class Details(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a volunteer must know of this work, asked together with the way to the door."""

    labels: dict[str, str]
    hints: dict[str, str]
    needed: bool = False
    """Without it nobody can help."""

    def label(self, language: str) -> str:
        """The question."""
        return _in_language(self.labels, language)

    def hint(self, language: str) -> str:
        """An example of an answer."""
        return _in_language(self.hints, language)


class HelpKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of help and what it takes."""

    code: RequestKind
    labels: dict[str, str]
    service_s: int
    weight: float
    needs: tuple[str, ...]
    """Codes of skills and tools."""
    needs_storm: bool
    """Asked of volunteers only while a storm is active."""
    required_vetting: tuple[str, ...]
    """Vetting items that a volunteer must hold."""
    scope: tuple[ScopeOption, ...]
    details: Details | None = None
    """None: only how to find the door is asked."""
    needs_person: bool = False
    """Staff look at each request before volunteers are asked."""
    offered: bool = True
    """Whether the programme gives this help at all."""

    def label(self, language: str) -> str:
        """What people call it."""
        return _in_language(self.labels, language)

    def scope_label(self, code: str, language: str) -> str:
        """What people call a part of the work; the code itself when the programme dropped it."""
        for option in self.scope:
            if option.code == code:
                return _in_language(option.labels, language)
        return code.replace("_", " ")

    def usual_scope(self) -> tuple[str, ...]:
        """The parts that are agreed unless somebody says otherwise."""
        return tuple(option.code for option in self.scope if option.usual)

    def check_scope(self, codes: Collection[str]) -> tuple[str, ...]:
        """The parts in their usual order; raises `InvalidRequest` for an unknown one."""
        known = [option.code for option in self.scope]
        for code in codes:
            if code not in known:
                raise InvalidRequest(
                    f"{code!r} is no part of {self.code.value!r}: choose from "
                    f"{', '.join(known) or 'nothing, it has no parts'}."
                )
        return tuple(code for code in known if code in codes)


class HelpKinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of a programme's kinds of help."""

    version: str
    kinds: tuple[HelpKind, ...]

    def by_code(self) -> Mapping[RequestKind, HelpKind]:
        """Every kind by its code."""
        return {kind.code: kind for kind in self.kinds}

    def storm_kinds(self) -> frozenset[RequestKind]:
        """Kinds that volunteers are asked for only while a storm is active.

        A kind that the programme does not know by now, although somebody asked for it once, is as
        it usually is.
        """
        known = {**default_kinds().by_code(), **self.by_code()}
        return frozenset(code for code, kind in known.items() if kind.needs_storm)

    def get(self, code: RequestKind) -> HelpKind:
        """One kind; raises `InvalidRequest` when the programme does not give this help."""
        kind = self.by_code().get(code)
        if kind is None or not kind.offered:
            offered = ", ".join(kind.code.value for kind in self.kinds if kind.offered)
            raise InvalidRequest(
                f"This programme does not help with {code.value!r}; it helps with: {offered}."
            )
        return kind


def read_kinds(data: Mapping[str, Any]) -> HelpKinds:
    """The kinds of help that a mapping spells.

    Raises
    ------
    InvalidIntakeRules
        Naming what is wrong.
    """
    try:
        kinds = msgspec.convert(data, HelpKinds)
    except msgspec.ValidationError as error:
        raise InvalidIntakeRules(f"The kinds of help cannot be used: {error}.") from None
    codes = [kind.code for kind in kinds.kinds]
    if len(set(codes)) != len(codes):
        raise InvalidIntakeRules("The kinds of help cannot be used: one stands there twice.")
    for kind in kinds.kinds:
        if not (0 < kind.service_s <= 36_000 and 0 < kind.weight <= 100):
            raise InvalidIntakeRules(
                f"The kind {kind.code.value!r} cannot be used: service_s must be 1 to 36000 and "
                "weight more than 0, at most 100."
            )
        asked = () if kind.details is None else (kind.details.labels, kind.details.hints)
        for labels in (kind.labels, *asked, *(option.labels for option in kind.scope)):
            if not (labels.get("en") and labels.get("es")):
                raise InvalidIntakeRules(
                    f"The kind {kind.code.value!r} cannot be used: a label is missing in English "
                    "or Spanish."
                )
    return kinds


@functools.cache
def default_kinds() -> HelpKinds:
    """The kinds of help of a programme that has not chosen its own."""
    text = resources.files("matching.intake").joinpath("help_kinds.json").read_text("utf-8")
    return read_kinds(msgspec.json.decode(text))


def _in_language(labels: Mapping[str, str], language: str) -> str:
    return labels.get(language.partition("-")[0], labels["en"])
