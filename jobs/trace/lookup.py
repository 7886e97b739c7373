"""Rows of the lake for a trace: by id and instant, where each was delivered, and which run made the table."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from jobs.bronze.file import BRONZE_FILE
from jobs.errors import GridlakeError, LakeError
from jobs.lake.arrow import Condition, LakeReader
from jobs.ops.release import RELEASE
from jobs.ops.run import RUN
from jobs.query.snapshot import LATEST
from jobs.registry import all_tables
from jobs.trace.structure import Delivered, Identity, Made, Release, Row

Values = dict[str, Any]


def same(**values: Any) -> list[Condition]:
    """Conditions that columns have these values."""
    return [(name, "in", [value]) for name, value in values.items()]


@dataclass(frozen=True)
class AsOf:
    """Rows of one version of a table."""

    rows: list[Values]
    version: int | None


@dataclass
class Lookup:
    """What a trace asks of a lake; it remembers which tables it met rows of."""

    reader: LakeReader
    release: Release | None = None
    met: set[str] = field(default_factory=set)
    identities: dict[tuple[str, str], Identity] = field(default_factory=dict)
    _runs: list[Values] = field(default_factory=list)
    _files: dict[tuple[str, str], Values] = field(default_factory=dict)

    def rows(
        self,
        name: str,
        where: Iterable[Condition] = (),
        columns: Iterable[str] | None = None,
        *,
        version: int | None = None,
    ) -> list[Values]:
        """Rows of the table of that name; of another version than the trace's where one is named."""
        reader = self.reader if version is None else self.reader.at({name: version})
        found: list[Values] = reader.rows(all_tables()[name], where, columns).to_pylist()
        if found:
            self.met.add(name)
        return found

    def rows_as_built(self, name: str, where: Iterable[Condition], day: date) -> AsOf:
        """Rows of the version that the build of a day read; as the trace reads the table where that is gone."""
        version, where = self.built_from(name, day), list(where)
        if version not in (None, self.version(name)):
            with suppress(LakeError, FileNotFoundError):  # cleaned away since
                return AsOf(self.rows(name, where, version=version), version)
        return AsOf(self.rows(name, where), self.version(name))

    def built_from(self, name: str, day: date) -> int | None:
        """The version of a table that a day's received blocks were made from; None where no run says it."""
        run = self.run_of("silver.received_block", day)
        return dict(run.get("read_versions") or []).get(name)

    def valid_at(self, name: str, instant: datetime, **ids: str) -> Values | None:
        """The version of a thing that holds at an instant."""
        return next((row for row in self.rows(name, same(**ids)) if is_valid(row, instant)), None)

    def row(self, name: str, values: Values, version: int | None = None) -> Row:
        """A row of silver, of the trace's version or the one named, with the records that delivered it."""
        version = self.version(name) if version is None else version
        return Row(table=name, version=version, values=values, delivered_in=self.delivered(name, values))

    def version(self, name: str) -> int | None:
        return self.reader.version(all_tables()[name])

    def delivered(self, name: str, values: Values) -> list[Delivered]:
        """Records of the same key from the row's own source; none of what no file delivers as it is."""
        bronze = all_tables().get(name.replace("silver.", "bronze."))
        key = all_tables()[name].key
        if bronze is None or bronze.name == name or not {"file_id", "first_line", *key} <= set(bronze.column_names):
            return []
        shared = {one: values[one] for one in (*key, "source") if values.get(one) is not None}
        columns = ["source", "file_id", "first_line"]
        found = sorted(
            self.rows(bronze.name, same(**shared), columns), key=lambda row: (row["file_id"], row["first_line"])
        )
        return [self.at(row["source"], row["file_id"], row["first_line"]) for row in found]

    def at(self, source: str, file_id: str | None, first: int | None = None, last: int | None = None) -> Delivered:
        """A place in a delivered file."""
        path = None if file_id is None else self.file(source, file_id).get("kept_path")
        return Delivered(source=source, file_id=file_id, path=path, first_line=first, last_line=last or first)

    def file(self, source: str, file_id: str) -> Values:
        """The ledger's entry of a file; empty where it has none."""
        if (source, file_id) not in self._files:
            self._files[source, file_id] = next(
                iter(self.rows(BRONZE_FILE.name, same(file_id=file_id, source=source))), {}
            )
        return self._files[source, file_id]

    def made_by(self, day: date | None) -> list[Made]:
        """The tables met, each with the run that made it (or its rows of the day)."""
        of_release = _newest_versions(self)
        return [self._made(name, of_release, day) for name in sorted(self.met) if not name.startswith("ops.")]

    def run_of(self, name: str, day: date | None) -> Values:
        """The run that made the version of a table (or its rows of a day); empty where none is recorded."""
        version = self.version(name)
        if not self._runs:
            self._runs = self.rows(RUN.name)

        def made_it(run: Values) -> bool:
            made = run["table_version"] is not None and (version is None or run["table_version"] <= version)
            if run["table_name"] != name or not made:
                return False
            if day is None or all_tables()[name].replace != "day" or run["span_first"] is None:
                return True
            return run["span_first"] <= day < run["span_end"] and day.isoformat() not in run["bad_days"]

        return max(
            filter(made_it, self._runs), key=lambda one: (one["table_version"], one["started_at_utc"]), default={}
        )

    def _made(self, name: str, of_release: dict[str, int], day: date | None) -> Made:
        run, version = self.run_of(name, day), self.version(name)
        return Made(
            table=name,
            version=version,
            of_release=version is not None and of_release.get(name) == version,
            run_id=run.get("run_id"),
            started_at_utc=run.get("started_at_utc"),
            status=run.get("status"),
            provisional=day is not None and day.isoformat() in (run.get("provisional_days") or []),
            read_versions=dict(run.get("read_versions") or []),
            settings_digest=run.get("settings_digest"),
            code_version=run.get("code_version"),
        )


def opened(reader: LakeReader, release: str | None) -> Lookup:
    """A lake as of a release, or as it stands now, which must hold something.

    Raises
    ------
    GridlakeError
        Nothing was ingested into it, or no such release is in it.
    """
    if all(reader.version(table) is None for table in all_tables().values()):
        raise GridlakeError(f"{reader.root}: no lake, or one into which nothing was ingested; --lake names another")
    lookup = Lookup(reader)
    rows = _releases(lookup)
    if release is not None:
        rows = [row for row in rows if release in (LATEST, row["release_id"])]
        if not rows:
            raise GridlakeError(f"no release '{release}' in this lake: `gridlake runs` lists those there are")
        lookup = Lookup(reader.at(dict(rows[0]["table_versions"])))
    if rows:
        lookup.release = Release(**{name: rows[0][name] for name in RELEASE.column_names if name != "table_versions"})
    return lookup


def is_valid(row: Values, instant: datetime) -> bool:
    """Whether a version holds at an instant."""
    return row["valid_from_utc"] <= instant and (row["valid_to_utc"] is None or instant < row["valid_to_utc"])


def _releases(lookup: Lookup) -> list[Values]:
    """All releases, the newest first."""
    return sorted(lookup.rows(RELEASE.name), key=lambda row: row["released_at_utc"], reverse=True)


def _newest_versions(lookup: Lookup) -> dict[str, int]:
    of = lookup.release.release_id if lookup.release else None
    return next((dict(row["table_versions"]) for row in _releases(lookup) if row["release_id"] == of), {})
