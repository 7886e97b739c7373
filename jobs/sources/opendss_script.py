"""OpenDSS scripts as untrusted text: what of them may reach the engine.

OpenDSS commands can write files, start programs, load libraries and change directory, may be abbreviated, and
properties may be given by position. So no line of a script is passed on as it stands: each is taken apart here, only
what describes the network is put together again, and ``redirect`` is followed here rather than by the engine.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jobs.errors import SourceError


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NETWORK_CLASSES = _words(
    "circuit vsource line linecode linegeometry linespacing wiredata cndata tsdata xfmrcode transformer autotrans "
    "regcontrol reactor capacitor load generator pvsystem storage swtcontrol"
)
"""Classes that say what stands where."""

SHAPE_CLASSES = _words("loadshape tshape priceshape growthshape xycurve tcc_curve spectrum")
"""Curves, which may be read from files: only their names are passed on, for elements refer to them."""

DROPPED_CLASSES = _words(
    "monitor energymeter sensor capcontrol invcontrol expcontrol storagecontroller gendispatcher relay recloser "
    "fuse espvlcontrol upfccontrol fault"
)
"""Classes that neither carry nor take power."""

LIBRARY_PROPERTIES = ("usermodel", "userdata", "shaftmodel", "shaftdata", "dynadll", "dynadata")
"""Properties by which an element loads compiled code."""

# Verb: the shortest abbreviation accepted. Each means the same verb to the engine (tested).
_LET_THROUGH = {
    "new": 1, "edit": 1, "more": 1, "set": 3, "redirect": 3, "buscoords": 3, "calcvoltagebases": 2, "clear": 3,
}  # fmt: skip
_NETWORK_CHANGING = _words(
    "compile select enable disable open close reduce reconductor rephase remove batchedit makeposseq connect "
    "disconnect setkvbase setbusxy latloncoords giscoords var variable clone newactor distribute obfuscate "
    "allocateloads setloadandgenkv interpolate"
)
_OPTIONS = {"voltagebases": 8, "defaultbasefrequency": 8, "basefrequency": 5}
_REFUSED_OPTIONS = _words(
    "datapath casename editor demandinterval diverbose overloadreport voltexceptionreport recorder querylog log "
    "tracecontrol showexport showreports concatenatereports registryupdate dssvisualizationtool eventlogdefault "
    "sampleenergymeters type element class object circuit bus allowduplicates"
)

_TOKEN = re.compile(
    r"""(?:(?P<name>[^\s,=(\["'{!]+)\s*=\s*)?
        (?P<value>\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|"[^"]*"|'[^']*'|(?:(?!//)[^\s,=!])+)""",
    re.VERBOSE,
)
_SEPARATOR = re.compile(r"[\s,]*")
_OPENING = "([{\"'"

Param = tuple[str | None, str]


@dataclass
class Command:
    """One command for the engine. Continuation lines add to ``params``; without a verb it is dropped."""

    verb: str | None
    subject: str = ""
    where: str = ""
    params: list[Param] = field(default_factory=list)

    def text(self) -> str:
        shown = [f"{name}={value}" if name else value for name, value in self.params]
        return " ".join(part for part in (self.verb or "", self.subject, *shown) if part)


@dataclass
class Script:
    """What of a script is let through, what of it was dropped, and the files it consists of and takes places from."""

    command: list[Command] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    bus_coordinates: list[Path] = field(default_factory=list)
    scripts: list[Path] = field(default_factory=list)

    @property
    def files(self) -> list[Path]:
        """Every file of which a part reaches the engine, each once."""
        return list(dict.fromkeys([*self.scripts, *self.bus_coordinates]))

    @property
    def circuit(self) -> str | None:
        """Name of the circuit, which OpenDSS does not tell apart by case."""
        named = [one.subject.strip('"') for one in self.command if one.verb == "new"]
        circuits = [name.removeprefix("circuit.") for name in named if name.startswith("circuit.")]
        return circuits[-1] if circuits else None


def read_script(master: Path, folder: Path) -> Script:
    """The commands of a master script and of those it redirects to that describe the network.

    ``new``, ``edit`` (also as ``Class.name.property=value``), their continuation lines, ``set`` of voltage bases and
    frequency, ``redirect`` and ``buscoords`` of files inside ``folder``, ``calcvoltagebases`` and ``clear`` are let
    through. Commands that solve or report are dropped and counted.

    Raises
    ------
    SourceError
        With file and line: a file outside ``folder``, a command that changes the network in another way, an option
        that writes files or changes directory or what later lines edit, a class nobody declared, a property that
        loads code or reads a file.
    """
    script = Script()
    _Reader(script, folder.resolve()).read(master.resolve(), ())
    return script


class _Reader:
    def __init__(self, script: Script, folder: Path) -> None:
        self.script = script
        self.folder = folder
        self.where = ""
        self.current = Command(None)

    def _refused(self, why: str) -> SourceError:
        return SourceError(f"{self.where}: {why}")

    def read(self, path: Path, parents: tuple[Path, ...]) -> None:
        if path in parents:
            raise self._refused(f"redirects to itself through {[parent.name for parent in parents]}")
        if not path.is_relative_to(self.folder):
            raise self._refused(f"{path.name!r} lies outside the delivered folder {self.folder.name!r}")
        try:
            text = path.read_text(encoding="latin-1")
        except OSError as error:
            raise self._refused(f"{path.name!r} cannot be read: {error.strerror}") from error
        self.script.scripts.append(path)
        for number, line in _lines(text):
            self.where = f"{path.relative_to(self.folder)} line {number}"
            self._line(line, path, parents)

    def _line(self, line: str, path: Path, parents: tuple[Path, ...]) -> None:
        if line.startswith("~"):
            line = f"more {line[1:]}"
        params = list(self._params(line))
        if not params:
            return
        name, word = params[0]
        if name is not None:
            element, _, prop = name.rpartition(".")
            if "." not in element:
                raise self._refused(f"{name}={word} is neither a command nor Class.name.property=value")
            params = [(None, "edit"), (None, element), (prop, word), *params[1:]]
        verb = self._verb(params[0][1].lower())
        rest = params[1:]
        match verb:
            case "new" | "edit":
                self._element(verb, rest)
            case "more":
                self._add(rest)
            case "set":
                self._set(rest)
            case "redirect":
                self.read(self._file(rest, path), (*parents, path))
            case "buscoords":
                coordinates = self._file(rest, path)
                self.script.command.append(Command("buscoords", str(len(self.script.bus_coordinates)), self.where))
                self.script.bus_coordinates.append(coordinates)
            case "calcvoltagebases" | "clear":
                self.script.command.append(Command(verb, "", self.where))
            case "batchedit" if rest and (rest[0][1].split(".")[0].lower() in SHAPE_CLASSES):
                self.script.dropped["batchedit of shapes"] += 1
            case _ if any(changing.startswith(verb) for changing in _NETWORK_CHANGING):
                raise self._refused(f"{verb!r} would change the network and is not let through")
            case _:
                self.script.dropped[verb] += 1

    def _verb(self, word: str) -> str:
        if word == "m":
            return "more"
        if word == "clearall":
            return "clear"
        for verb, shortest in _LET_THROUGH.items():
            if len(word) >= shortest and verb.startswith(word):
                return verb
        return word

    def _params(self, line: str) -> Iterator[Param]:
        at = _SEPARATOR.match(line).end()  # type: ignore[union-attr]  # matches the empty text too
        while at < len(line) and line[at] != "!" and not line.startswith("//", at):
            token = _TOKEN.match(line, at)
            if token is None or (token["value"][0] in _OPENING and len(token["value"]) < 2):
                raise self._refused(f"cannot take {line[at : at + 40]!r} apart")
            name, value = token["name"], token["value"]
            if value[0] in _OPENING and "([{\"'".index(value[0]) != ")]}\"'".find(value[-1]):
                raise self._refused(f"{value[:40]!r} is not closed")
            yield (name.lower() if name else None), value
            at = _SEPARATOR.match(line, token.end()).end()  # type: ignore[union-attr]

    def _element(self, verb: str, params: list[Param]) -> None:
        if not params or (params[0][0] and not "object".startswith(params[0][0])):
            raise self._refused(f"{verb} needs Class.name first")
        kind, _, name = params[0][1].strip("()[]{}\"'").lower().partition(".")
        if not name or re.search(r"[\s=]", name):
            raise self._refused(f"{verb} {params[0][1]!r} needs Class.name")
        self.current = Command(None)
        if kind in DROPPED_CLASSES:
            self.script.dropped[f"{verb} {kind}"] += 1
        elif kind in SHAPE_CLASSES:
            if verb == "new":
                self.script.command.append(Command(verb, f'"{kind}.{name}"', self.where))
        elif kind in NETWORK_CLASSES:
            self.current = Command(verb, f'"{kind}.{name}"', self.where)
            self.script.command.append(self.current)
            self._add(params[1:])
        else:
            raise self._refused(f"class {kind!r} is not understood")

    def _add(self, params: list[Param]) -> None:
        """Add properties to the last element; those of a dropped one go with it."""
        if self.current.verb is None:
            return
        loads_code = self.current.subject.strip('"').split(".")[0] in ("generator", "pvsystem", "storage")
        for name, value in params:
            if name is None and loads_code:
                raise self._refused(f"{value!r} is given by position, which {self.current.subject} may not")
            if name is not None and any(code.startswith(name) for code in LIBRARY_PROPERTIES):
                raise self._refused(f"property {name!r} may load compiled code")
            self._check_value(value)
        self.current.params += params

    def _check_value(self, value: str) -> None:
        if value[0] in _OPENING and "=" in value:
            raise self._refused(f"{value[:40]!r} would read a file")

    def _set(self, params: list[Param]) -> None:
        for name, value in params:
            if name is None:
                raise self._refused(f"set {value!r} has no option's name")
            for option, shortest in _OPTIONS.items():
                if len(name) >= shortest and option.startswith(name):
                    self._check_value(value)
                    self.script.command.append(Command("set", "", self.where, [(option, value)]))
                    break
            else:
                if any(option.startswith(name) for option in _REFUSED_OPTIONS):
                    raise self._refused(f"set {name} may write files or change what later lines mean")
                self.script.dropped[f"set {name}"] += 1

    def _file(self, params: list[Param], path: Path) -> Path:
        if len(params) != 1:
            raise self._refused(f"one file name is needed, {len(params)} words were found")
        target = (path.parent / params[0][1].strip("()[]{}\"'").replace("\\", "/")).resolve()
        if not target.is_relative_to(self.folder):
            raise self._refused(f"{params[0][1]!r} lies outside the delivered folder {self.folder.name!r}")
        if not target.is_file():
            raise self._refused(f"{params[0][1]!r} is not a file of the delivered folder")
        return target


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, without block comments."""
    in_comment = False
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        stripped = line.strip()
        in_comment = in_comment or stripped.startswith("/*")
        if stripped and not in_comment:
            yield number, stripped
        in_comment = in_comment and "*/" not in stripped
