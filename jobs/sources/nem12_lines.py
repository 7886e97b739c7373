"""NEM12 text as lines by kind of record, cut so that a day's 300 and 400 records stay together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.sources.delivery import Delivery, Longs, UnreadableError

KINDS = (100, 200, 300, 400, 500, 900)
_BLOCK_BYTES = 1 << 25
_NEWLINE, _RETURN, _COMMA, _BLANK = b"\n\r, "


class Lines(NamedTuple):
    """Lines of one piece of a file: line ``i`` is ``text[start[i]:end[i]]``, a record of ``kind[i]`` (0: unknown)."""

    text: npt.NDArray[np.uint8]
    start: Longs
    end: Longs
    number: Longs
    kind: npt.NDArray[np.int64]

    def joined(self, index: Longs) -> bytes:
        """The lines at ``index``, which ascends, each ended by a newline."""
        edge = np.zeros(len(self.text) + 1, np.int8)
        edge[self.start[index]] += 1
        edge[self.end[index] + 1] -= 1
        text = self.text[np.cumsum(edge[:-1], dtype=np.int8).view(bool)]
        text[np.cumsum(self.end[index] - self.start[index] + 1) - 1] = _NEWLINE  # not a carriage return or blank
        return bytes(text)

    def texts(self, index: Longs) -> pa.Array:
        """The lines at ``index``, as texts."""
        length = self.end[index] - self.start[index]
        text = self.joined(index).replace(b"\n", b"")
        offsets = np.concatenate([[0], np.cumsum(length)]).astype(np.int32)
        return pa.StringArray.from_buffers(len(index), pa.py_buffer(offsets), pa.py_buffer(text))

    def fields(self, index: Longs) -> Longs:
        """How many fields each line at ``index`` has."""
        commas = np.flatnonzero(self.text == _COMMA)
        return np.searchsorted(commas, self.end[index]) - np.searchsorted(commas, self.start[index]) + 1


def nem12_lines(delivery: Delivery) -> Iterator[Lines]:
    """The file's lines, piece by piece; each piece but the first begins with a 200 or 300 record.

    Raises
    ------
    UnreadableError
        The file is empty, does not begin with a 100 record of NEM12, or does not end with a 900 record.
    """
    rest, number, last = b"", 1, 0
    with pa.input_stream(delivery.path) as stream:
        first = stream.read(9)
        if not first:
            raise UnreadableError("the file is empty; a header '100,NEM12' and records are needed")
        if first != b"100,NEM12":
            found = first.decode("utf-8", "replace")
            raise UnreadableError(f"line 1: begins with '{found}'; a header '100,NEM12' is needed")
        rest = first
        while block := stream.read(_BLOCK_BYTES):
            content = rest + block
            piece = _lines(content, number)
            days = np.flatnonzero((piece.kind == 300) | (piece.kind == 200))
            if len(days) < 2:  # too short to be cut
                rest = content
                continue
            cut = int(days[-1])
            yield Lines(piece.text, piece.start[:cut], piece.end[:cut], piece.number[:cut], piece.kind[:cut])
            number = int(piece.number[cut])
            rest = content[int(piece.start[cut]) :]
    piece = _lines(rest, number)
    if len(piece.kind):
        last = int(piece.kind[-1])
        yield piece
    if last != 900:
        line = int(piece.number[-1]) if len(piece.number) else number
        raise UnreadableError(
            f"line {line}: the file ends without a 900 record: it is cut short; the whole file is needed"
        )


def _lines(content: bytes, first_number: int) -> Lines:
    text = np.frombuffer(content if content.endswith(b"\n") else content + b"\n", np.uint8)
    end = np.flatnonzero(text == _NEWLINE)
    start = np.concatenate([[0], end[:-1] + 1])
    for blank in (_RETURN, _BLANK):
        end = end - ((end > start) & (text[end - 1] == blank))
    number = np.arange(first_number, first_number + len(start))
    filled = end - start >= 3
    start, end, number = start[filled], end[filled], number[filled]
    digits = text[start[:, None] + np.arange(3)].astype(np.int64) - ord("0")
    kind = digits @ np.array([100, 10, 1])
    ended = (end - start == 3) | (text[start + 3] == _COMMA)
    return Lines(text, start, end, number, np.where(np.isin(kind, KINDS) & ended, kind, 0))
