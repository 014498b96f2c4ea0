"""A file of addresses, as spreadsheets write it: its encoding, delimiter and column are found out. Pure."""

from __future__ import annotations

import csv

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from wagtail_flows.contacts.address import InvalidAddress, normalise
from wagtail_flows.exceptions import FlowsError


LARGEST_FILE = 5 * 1024 * 1024
MOST_ROWS = 50_000
DELIMITERS = (";", "\t", ",")
HEADINGS = {
    "address", "adresse", "adresse de courriel", "adresse e-mail", "adresse email", "adresse mail", "courriel",
    "e-mail", "e-mail address", "email", "email address", "e_mail", "mail",
}  # fmt: skip
ROWS_LOOKED_AT = 20


class FileUnreadable(FlowsError):
    """The file holds no column of addresses that could be read; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file. `key` is the address as contacts are known by it; without one `reason` says why."""

    line: int
    text: str
    key: str = ""
    reason: str = ""


def read(data: bytes) -> list[Row]:
    """The rows of a file, in order; empty ones are left out. Raises FileUnreadable."""
    if len(data) > LARGEST_FILE:
        raise FileUnreadable(_("This file is too large: at most %(most)d MB.") % {"most": LARGEST_FILE // 1024**2})
    cells = list(_cells(_text(data)))
    if not cells:
        raise FileUnreadable(_("This file is empty."))
    if len(cells) > MOST_ROWS + 1:
        raise FileUnreadable(_("This file has too many rows: at most %(most)d.") % {"most": MOST_ROWS})
    column, has_heading = _column(cells)
    return [_row(line, row, column) for line, row in cells[1 if has_heading else 0 :]]


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(data, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded(data, "cp1252")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise FileUnreadable(_("This file is no text: save it as CSV, in UTF-8.")) from None


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    if "\x00" in text:
        raise FileUnreadable(_("This file is no text: save it as CSV, in UTF-8."))
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=_delimiter(lines))
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise FileUnreadable(_("Line %(line)d can't be read.") % {"line": reader.line_num}) from None
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield reader.line_num, row


def _delimiter(lines: Sequence[str]) -> str:
    """The one that stands in most of the first lines; semicolon and tab come before the comma of decimals."""
    looked_at = [line for line in lines[:ROWS_LOOKED_AT] if line.strip()]
    counts = {delimiter: sum(delimiter in line for line in looked_at) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])


def _column(cells: Sequence[tuple[int, list[str]]]) -> tuple[int, bool]:
    """Which column holds the addresses, and whether the first row only names the columns."""
    first = [cell.strip().casefold() for cell in cells[0][1]]
    named = next((number for number, cell in enumerate(first) if cell in HEADINGS), None)
    if named is not None:
        return named, True
    looked_at = [row for _line, row in cells[:ROWS_LOOKED_AT]]
    width = max(len(row) for row in looked_at)
    found = [sum("@" in row[number] for row in looked_at if number < len(row)) for number in range(width)]
    best = max(range(width), key=lambda number: found[number])
    if not found[best]:
        raise FileUnreadable(_("No column of this file holds e-mail addresses."))
    return best, best >= len(first) or "@" not in first[best]


def _row(line: int, row: Sequence[str], column: int) -> Row:
    text = row[column].strip() if column < len(row) else ""
    try:
        return Row(line, text[:254], key=normalise(text))
    except InvalidAddress as invalid:
        return Row(line, text[:254], reason=str(invalid.reason))
