"""What holds for every due time, and for every way of writing a name or a number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from matching.intake.by_text import fold
from matching.intake.deadlines import due_at
from matching.intake.duplicates import (
    SIMILAR_NAME,
    Likeness,
    Sketch,
    find_closest,
    find_likeness,
    name_likeness,
    normal_contact,
)
from matching.intake.eligibility import Facts, decide, read_eligibility
from matching.intake.kinds import Verdict
from matching.intake.ordinance_packs import list_packs, load_pack
from matching.kinds import RequestKind

FIRST = datetime(2016, 7, 2, tzinfo=UTC)
LAST = datetime(2030, 12, 31, tzinfo=UTC)
NOW = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)
packs = st.sampled_from(list_packs())
minutes = st.integers(0, int((LAST - FIRST).total_seconds()) // 60)
moments = minutes.map(lambda minute: FIRST + timedelta(minutes=minute))


@given(packs, moments)
def test_due_after_the_end_and_within_four_days(code: str, ended: datetime) -> None:
    due = due_at(load_pack(code), ended)

    assert ended < due.at <= ended + timedelta(days=2)


@given(packs, moments, st.integers(1, 3 * 24 * 60))
def test_later_end_is_never_due_earlier_by_the_same_clause(
    code: str, ended: datetime, later_min: int
) -> None:
    pack = load_pack(code)
    first, second = due_at(pack, ended), due_at(pack, ended + timedelta(minutes=later_min))

    if first.clause == second.clause:
        assert first.at <= second.at


@given(packs, moments)
def test_due_time_exists_on_local_clocks(code: str, ended: datetime) -> None:
    pack = load_pack(code)
    zone = ZoneInfo(pack.time_zone)
    due = due_at(pack, ended)
    shown = due.at.astimezone(zone).replace(tzinfo=None)

    shifts = [shown.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    assert due.at in [moment.astimezone(UTC) for moment in shifts]


def sketch(
    name: str,
    contact: str,
    *,
    x_m: float = 0.0,
    unit: str = "",
    kind: RequestKind = RequestKind.SNOW,
) -> Sketch:
    return Sketch(
        request_id=None,
        kind=kind,
        windows=((NOW, NOW + timedelta(hours=4)),),
        resident_id=None,
        household_id=None,
        name=name,
        contacts=frozenset({normal_contact(contact, "US")}),
        x_m=x_m,
        y_m=0.0,
        unit=unit,
    )


digits = st.integers(2_000_000, 9_999_999).map(lambda number: f"617{number}")
NAMES = ["María José Núñez", "Jean-Luc O'Neill", "Li Wei", "Ana López García", "Åsa Öberg"]


def ways_to_write(number: str) -> list[str]:
    area, start, end = number[:3], number[3:6], number[6:]
    return [
        number,
        f"({area}) {start}-{end}",
        f"{area}.{start}.{end}",
        f"+1 {area} {start} {end}",
        f"1-{area}-{start}-{end}",
        f"  {area} {start} {end} ",
        f"\uff0b1{number}",
    ]


@given(digits, st.data())
def test_phone_is_known_however_it_is_written(number: str, data: st.DataObject) -> None:
    one, other = (data.draw(st.sampled_from(ways_to_write(number))) for _ in range(2))

    assert normal_contact(one, "US") == normal_contact(other, "US")
    assert (
        find_likeness(sketch("A", one), sketch("Somebody Else", other, x_m=9_000))
        is Likeness.SAME_CONTACT
    )


@given(st.sampled_from(NAMES), st.randoms(use_true_random=False), st.data())
def test_name_is_known_however_it_is_written(
    name: str, random: object, data: st.DataObject
) -> None:
    parts = data.draw(st.permutations(name.split()))
    written = data.draw(
        st.sampled_from(
            [
                " ".join(parts),
                ", ".join(parts),
                "  ".join(parts).upper(),
                fold(" ".join(parts)) if name.isascii() else " ".join(parts).casefold(),
            ]
        )
    )

    assert name_likeness(name, written) >= SIMILAR_NAME
    near = sketch(written, "a@example.org", x_m=30.0)
    assert find_likeness(near, sketch(name, "b@example.org")) is Likeness.SIMILAR_NAME_NEAR
    far = sketch(written, "a@example.org", x_m=500.0)
    assert find_likeness(far, sketch(name, "b@example.org")) is None
    upstairs = sketch(written, "a@example.org", unit="3")
    assert find_likeness(upstairs, sketch(name, "b@example.org", unit="2")) is None


@given(st.lists(st.sampled_from(NAMES), max_size=5), st.sampled_from(NAMES))
def test_likeness_needs_the_same_kind_and_time(names: list[str], name: str) -> None:
    new = sketch(name, "a@example.org")
    olds = [sketch(other, f"{number}@example.org") for number, other in enumerate(names)]
    others = [sketch(other, "a@example.org", kind=RequestKind.YARD) for other in names]

    assert (find_closest(new, olds) is not None) == (name in names)
    assert find_closest(new, others) is None


RULES = read_eligibility(
    {
        "version": "test",
        "rules": [
            {
                "code": "old_or_disabled",
                "any_of": [{"fact": "age", "at_least": 60}, {"fact": "disability"}],
                "sentence": {"en": "Over 60 or disabled.", "es": "Mayor de 60 o con discapacidad."},
            },
            {
                "code": "alone",
                "any_of": [{"fact": "no_other_help"}],
                "sentence": {"en": "Nobody else helps.", "es": "Nadie más ayuda."},
                "otherwise": "needs_person",
            },
        ],
    }
)
flags = st.sampled_from([None, True, False])
facts = st.builds(
    Facts,
    birth_year=st.none() | st.integers(1900, 2026),
    at_least_age=st.none() | st.integers(1, 120),
    has_disability=flags,
    has_no_other_help=flags,
)
SERIOUS = [Verdict.ELIGIBLE, Verdict.NEEDS_PERSON, Verdict.NOT_ELIGIBLE]


@given(facts)
def test_verdict_and_reasons_belong_together(known: Facts) -> None:
    decision = decide(RULES, RequestKind.SNOW, known, NOW.date())

    assert (decision.verdict is Verdict.ELIGIBLE) == (not decision.reasons)
    assert decision.version == "test"
    if known.has_disability and known.has_no_other_help:
        assert decision.verdict is Verdict.ELIGIBLE


@given(facts)
def test_saying_nothing_is_never_worse_than_saying_no(known: Facts) -> None:
    silent = decide(RULES, RequestKind.SNOW, Facts(), NOW.date())
    spoken = decide(RULES, RequestKind.SNOW, known, NOW.date())

    assert silent.verdict is Verdict.NEEDS_PERSON
    if known.has_disability is False and spoken.verdict is Verdict.NOT_ELIGIBLE:
        assert SERIOUS.index(spoken.verdict) > SERIOUS.index(silent.verdict)
