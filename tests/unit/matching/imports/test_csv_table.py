"""Files as people export them, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from matching.errors import UnusableFile
from matching.imports.csv_table import CsvTable, guard_cell, read_csv_table, tidy_cell

KNOWN = frozenset({"name", "email", "address"})


def read(path: Path, data: bytes, *, max_bytes: int = 1_000_000) -> CsvTable:
    path.write_bytes(data)
    return read_csv_table(
        path,
        known=KNOWN,
        aliases={"e_mail": "email"},
        required=frozenset({"name"}),
        max_bytes=max_bytes,
    )


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("cp1252", "Windows-1252"),
        ("utf-16", "UTF-16"),
    ],
)
def test_the_encoding_is_detected(tmp_path: Path, encoding: str, expected: str) -> None:
    table = read(tmp_path / "a.csv", "name,address\nJosé,Señal 1\n".encode(encoding))
    assert table.encoding == expected
    assert table.rows[0].cells == {"name": "José", "address": "Señal 1"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_detected_outside_quotes(tmp_path: Path, delimiter: str) -> None:
    text = delimiter.join(["name", '"e,;mail,,;;"', "address"]) + "\n"
    text += delimiter.join(["Ana", "x", '"1 Main St, Apt 2; rear"']) + "\n"
    table = read(tmp_path / "a.csv", text.encode())
    assert table.delimiter == delimiter
    assert table.rows[0].cells["address"] == "1 Main St, Apt 2; rear"


def test_header_names_ignore_case_spaces_and_hyphens_and_unknown_ones_are_told(
    tmp_path: Path,
) -> None:
    table = read(tmp_path / "a.csv", b"NAME , E-Mail,Shoe size\nAna,a@example.org,38\n")
    assert table.columns == ("name", "email", "")
    assert table.unknown == ("Shoe size",)


def test_line_numbers_count_lines_of_the_file_and_blank_lines_are_skipped(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", b'name,address\n"Ana","1 Main\nSt"\n\n,,\nBo,2 Main St\n')
    assert [row.line for row in table.rows] == [2, 6]
    assert table.rows[0].cells["address"] == "1 Main St"


def test_a_line_with_too_many_cells_is_a_problem_of_that_line_alone(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", b"name,address\nAna,1 Main St,Apt 2\nBo,2 Main St\n")
    assert table.rows[0].problem == "has 3 cells, the header has 2"
    assert table.rows[1].problem is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\n \n", "holds no lines"),
        (b"\x89PNG\r\n\x1a\n....", "is a PNG picture"),
        (b"PK\x03\x04 workbook", "is an Excel workbook"),
        (b"name,address\x00\n", "holds binary data"),
        (bytes(range(1, 32)) * 20 + b"\xff\xfe", "holds binary data"),
        (b"first,second\n1,2\n", "has no known column"),
        (b"email,address\na,b\n", "lacks the column name"),
        (b"name,Name\na,b\n", "has the column 'name' twice"),
    ],
)
def test_a_file_that_cannot_be_used_says_so_in_one_sentence(
    tmp_path: Path, data: bytes, message: str
) -> None:
    with pytest.raises(UnusableFile) as caught:
        read(tmp_path / "people.csv", data)
    assert message in str(caught.value)
    assert "people.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(UnusableFile, match=r"big\.csv has 100 MB; the limit is 32 MB"):
        read_csv_table(path, known=KNOWN, aliases={}, required=frozenset())


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_lines_silently(
    tmp_path: Path,
) -> None:
    lines = b"".join(b"Bo,%d Main St\n" % number for number in range(40))
    table = read(tmp_path / "a.csv", b'name,address\nAna,"1 Main St\n' + lines)
    assert table.rows[0].problem == "holds a cell that runs over many lines"


@pytest.mark.parametrize("cell", ["=1+1", "+1 617 555 0142", "-name", "@sum(a1)"])
def test_a_guarded_cell_comes_back_as_it_was(cell: str) -> None:
    assert guard_cell(cell) == f"'{cell}"
    assert tidy_cell(guard_cell(cell)) == cell


def test_plain_numbers_need_no_guard() -> None:
    assert guard_cell("-71.12") == "-71.12"
