from __future__ import annotations

import pytest

from matching.intake.addresses import WrittenAddress
from web.pages.locating import read_written_address

SPOT = "-71.118000,42.379000,17 Garden St"


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ({}, None),
        ({"address": "  "}, None),
        ({"address": " 17 Garden St "}, WrittenAddress("17 Garden St")),
        ({"address": "17 Garden", "unit": "4B"}, WrittenAddress("17 Garden", "4B")),
        (
            {"address": "17 Garden ", "asked_address": "17 Garden ", "spot": SPOT},
            WrittenAddress("17 Garden St", "", -71.118, 42.379),
        ),
        (
            {"address": "18 Garden", "asked_address": "17 Garden", "spot": SPOT},
            WrittenAddress("18 Garden"),
        ),
        (
            {"address": "17 Garden", "asked_address": "17 Garden", "spot": "x,y"},
            WrittenAddress("17 Garden"),
        ),
    ],
    ids=["nothing", "blank", "typed", "unit", "picked", "typed-anew", "no-spot"],
)
def test_what_a_form_says_of_an_address(
    form: dict[str, str], written: WrittenAddress | None
) -> None:
    assert read_written_address(form) == written
