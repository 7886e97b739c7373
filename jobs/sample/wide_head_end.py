"""The wide head-end: a file a day, with exchanged meters, and with what comes late, twice, wrong or from nowhere."""

from __future__ import annotations

import shutil
from datetime import date, timedelta

import numpy as np

from jobs.sample import metering as m
from jobs.sample.delivered import Delivered, exported_at, file_name
from jobs.sample.formats import Reads, write_wide
from jobs.sample.simbench import SLOTS


def deliver_wide(d: Delivered) -> None:
    """A file a day; on the first day of a block also what arrives late, twice, wrong or from nowhere."""
    whole = d.reads(m.OBIS)
    for n in range(whole.values.shape[1]):
        day = d.first + timedelta(days=n)
        reads = Reads(whole.meter, whole.register, day, whole.values[:, n : n + 1], whole.missing[:, n : n + 1])
        reads = _after_exchange(d, reads, day)
        reads = _irregular_rows(d, reads, day)
        path = d.folder / file_name("ami", day, exported_at(day))
        write_wide(reads, path)
        d.count(m.WIDE, "readings", reads.present)
        if d.irregular.resent == day:  # the same file once more, under another name
            shutil.copyfile(path, d.folder / file_name("ami", day, exported_at(day, 1)))
            d.report.irregular.append(
                {"source": m.WIDE, "kind": "file_twice", "grid_date": day, "first_slot": 0, "slots": SLOTS}
            )


def _after_exchange(d: Delivered, reads: Reads, day: date) -> Reads:
    """The reads by the meter that stood there: on the day of an exchange a row of each."""
    frame = d.utility.channels.frame.iloc[d.rows]
    meter = list(reads.meter)
    extra: list[int] = []
    new_meter: list[str] = []
    missing = reads.missing.copy()
    extra_missing = []
    for exchange in d.utility.exchanges.to_dict("records"):
        if exchange["day"] > day:
            continue
        for at in np.flatnonzero(frame["point"] == exchange["row"]).tolist():
            if exchange["day"] < day:
                meter[at] = exchange["new_meter"]
                continue
            old = np.arange(SLOTS) <= exchange["last_slot"]
            extra.append(at)
            new_meter.append(exchange["new_meter"])
            extra_missing.append(missing[at] | old)
            missing[at] |= ~old
    if not extra:
        return reads._replace(meter=meter)
    return Reads(
        meter + new_meter,
        [*reads.register, *(reads.register[at] for at in extra)],
        day,
        np.concatenate([reads.values, reads.values[extra]]),
        np.concatenate([missing, np.stack(extra_missing)]),
    )


def _irregular_rows(d: Delivered, reads: Reads, day: date) -> Reads:
    chosen = {kind: int(np.flatnonzero(d.rows == row)[0]) for kind, row in d.irregular.wide(day).items()}
    if not chosen:
        return reads
    values = reads.values.copy()
    rows = list(range(len(reads.meter)))
    meter, register = list(reads.meter), list(reads.register)

    def later(kind: str, at: int, days: int) -> None:
        one = Reads([meter[at]], [register[at]], day, reads.values[at : at + 1], reads.missing[at : at + 1])
        write_wide(one, d.folder / file_name("ami", day, exported_at(day, days)))
        d.count(m.WIDE, "readings", one.present)
        d.note(m.WIDE, kind, int(d.rows[at]), day)

    def more(at: int, what: str, number: str, obis: str) -> None:
        rows.append(at)
        meter.append(number)
        register.append(obis)
        d.note(m.WIDE, what, int(d.rows[at]), day, meter=number)

    late, corrected = chosen["late"], chosen["corrected"]
    later("late", late, 4)
    later("corrected", corrected, 6)
    values[corrected] //= 2
    d.count(m.WIDE, "superseded", SLOTS)
    more(chosen["duplicate"], "duplicate", meter[chosen["duplicate"]], register[chosen["duplicate"]])
    d.count(m.WIDE, "duplicate", SLOTS)
    more(chosen["unknown_meter"], "unknown_meter", f"9999{day:%m%d}", register[chosen["unknown_meter"]])
    d.count(m.WIDE, "unknown_meter", SLOTS)
    more(chosen["unknown_register"], "unknown_register", meter[chosen["unknown_register"]], "1-1:9.29.0")
    d.count(m.WIDE, "unknown_register", SLOTS)
    conflict, first, slots = chosen["conflict"], 40, 4
    rows.append(conflict)
    meter.append(meter[conflict])
    register.append(register[conflict])
    d.note(m.WIDE, "conflict", int(d.rows[conflict]), day, (first, slots))
    d.count(m.WIDE, "conflict", 2 * slots)
    d.count(m.WIDE, "duplicate", SLOTS - slots)
    taken = np.array(rows)
    values, missing = values[taken], reads.missing[taken].copy()
    values[-1, 0, first : first + slots] += 7
    kept = np.ones(len(taken), bool)
    kept[late] = False
    names = [(a, b) for a, b, keep in zip(meter, register, kept, strict=True) if keep]
    return Reads([a for a, _ in names], [b for _, b in names], day, values[kept], missing[kept])
