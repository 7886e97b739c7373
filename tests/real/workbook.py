"""Workbooks: the first sheet as a person saves it as CSV, dates and times as shown, or every sheet as it is."""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

_OF = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DAY_ZERO = datetime(1899, 12, 30)  # day 1 is 1 January 1900, and 1900 has a 29 February


def save_as_csv(workbook: Path, to: Path, *, dates: str, times: str) -> None:
    """Write the first sheet; numbers in the columns ``dates`` and ``times`` (letters) are days and parts of a day."""
    with zipfile.ZipFile(workbook) as parts:
        shared = [
            "".join(text.text or "" for text in one.iter(f"{_OF}t"))
            for one in ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
        ]
        rows = {
            int(row.attrib["r"]): row
            for row in ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml")).iter(f"{_OF}row")
        }
    sheet: dict[int, dict[int, str]] = {}
    for number, row in rows.items():
        for cell in row:
            letters, value = re.sub(r"\d", "", cell.attrib["r"]), cell.findtext(f"{_OF}v")
            if value is None:
                continue
            if cell.get("t") == "s":
                value = shared[int(value)]
            elif letters in dates.split():
                value = (_DAY_ZERO + timedelta(days=int(value))).strftime("%Y-%m-%d")
            elif letters in times.split():
                value = (_DAY_ZERO + timedelta(seconds=round(float(value) * 86400))).strftime("%H:%M:%S")
            place = 0
            for letter in letters:
                place = place * 26 + ord(letter) - ord("A") + 1
            sheet.setdefault(number, {})[place] = value
    width = max(place for cells in sheet.values() for place in cells)
    with to.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        for number in range(1, max(sheet) + 1):
            cells = sheet.get(number, {})
            writer.writerow([cells.get(place, "") for place in range(1, width + 1)])


def sheets_of(workbook: Path) -> dict[str, list[list[str | float | None]]]:
    """Every sheet by its name: rows of texts and numbers, None for an empty cell; empty rows are left out."""
    with zipfile.ZipFile(workbook) as parts:
        shared = [
            "".join(text.text or "" for text in one.iter(f"{_OF}t"))
            for one in ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
        ]
        links = {one.attrib["Id"]: one.attrib["Target"] for one in _parsed(parts, "xl/_rels/workbook.xml.rels")}
        found = {}
        for sheet in _parsed(parts, "xl/workbook.xml").iter(f"{_OF}sheet"):
            link = next(value for key, value in sheet.attrib.items() if key.endswith("}id"))
            rows = _parsed(parts, f"xl/{links[link].removeprefix('/xl/')}").iter(f"{_OF}row")
            found[sheet.attrib["name"]] = [row for one in rows if (row := _cells(one, shared))]
    return found


def _parsed(parts: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(parts.read(name))


def _cells(row: ElementTree.Element, shared: list[str]) -> list[str | float | None]:
    cells: dict[int, str | float] = {}
    for cell in row:
        value = cell.findtext(f"{_OF}v")
        if value is not None:
            kind = cell.get("t", "n")
            text = shared[int(value)] if kind == "s" else value
            cells[_place(cell.attrib["r"])] = float(text) if kind == "n" else " ".join(text.split())
    return [cells.get(place) for place in range(1, max(cells, default=0) + 1)]


def _place(reference: str) -> int:
    place = 0
    for letter in re.sub(r"\d", "", reference):
        place = place * 26 + ord(letter) - ord("A") + 1
    return place
