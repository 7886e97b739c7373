"""A workbook's first sheet as a person saves it as CSV: every row of it, dates and times of day as they are shown."""

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
