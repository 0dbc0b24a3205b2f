"""Scan of DSS statements: only what says what the network is goes on to the engine; the rest is told.

The engine never sees a command that opens a file or leaves the process, a number that would make it
take a lot of memory, or a class that `Network` has no place for. Commands, classes, options and properties
are resolved here as OpenDSS does (any case, shortened, by position) and handed on in full.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from sparewatt.inputs.network import dss_words as words
from sparewatt.inputs.network.dss_script import DssElement, DssScript
from sparewatt.inputs.scenario_findings import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.network.dss_text import Argument, Place, Statement

_BAD_NAME = re.compile(r"[\"'()\[\]{}=,!@\\\x00-\x1f\x7f]")
_FILE_VALUE = re.compile(r"file\s*=", re.IGNORECASE)
_COUNT = re.compile(r"\d{1,2}(\.0*)?")
_MOST_NAME = 200
_MOST_VALUE = 10_000


def scan_statements(statements: Iterable[tuple[Statement, Path]], log: FindingLog) -> DssScript:
    """What a network's statements tell the engine, with a finding for each that is not carried out."""
    scan = _Scan(log)
    for statement, path in statements:
        scan.read(statement, path)
    scan.finish()
    return scan.script


class _Scan:
    def __init__(self, log: FindingLog) -> None:
        self.script = DssScript()
        self._log = log
        self._active: DssElement | None = None
        self._skipping = False
        self._circuit = False
        self._told_no_circuit = False
        self._skipped: Counter[str] = Counter()
        self._first: dict[str, Place] = {}

    def read(self, statement: Statement, path: Path) -> None:
        """Take one statement."""
        arguments, place = statement.arguments, statement.place
        if statement.unclosed or any(len(a.raw) > _MOST_VALUE for a in arguments):
            message = "a bracket or quotation mark opens and is not closed, or a value is very long"
            self._error("network.dss.form", place, message, statement.verb)
            return
        verb = words.find_word(statement.verb, words.COMMANDS)
        if verb is None and "." in statement.verb:
            self._edit_property(statement)
        elif verb is None:
            close = nearest(statement.verb, words.COMMANDS)
            remedy = f"did you mean {close}?" if close else "a command of OpenDSS"
            message = f"{statement.verb} is no command of OpenDSS"
            self._error("network.dss.unknown_command", place, message, statement.verb, remedy)
        elif any("@" in a.raw for a in arguments):
            message = "variables (@name) are not read"
            self._error("network.dss.not_supported", place, message, statement.verb, "write the values out")
        else:
            self._carry_out(verb, arguments, place, path)

    def finish(self) -> None:
        """Tell what was left out, counted by class."""
        if not self._circuit and not self._told_no_circuit:
            message = "there is no circuit: no line says New Circuit"
            self._log.add("network.dss.no_circuit", "error", "the network", message, "", "New Circuit.name")
        for kind, count in sorted(self._skipped.items()):
            control = kind in words.CONTROL_CLASSES
            self._log.add(
                "network.dss.left_out",
                "warning" if control else "info",
                str(self._first[kind]),
                f"{count} of class {kind} {'are' if count > 1 else 'is'} left out"
                + (": nothing is controlled, the network is taken as it stands" if control else ""),
                str(count),
            )

    def _error(
        self,
        rule: str,
        place: Place,
        message: str,
        value: str = "",
        remedy: str = "",
        ids: tuple[str, ...] = (),
    ) -> None:
        self._log.add(rule, "error", str(place), message, value, remedy, ids=ids, table=rule)

    def _carry_out(self, verb: str, arguments: tuple[Argument, ...], place: Place, path: Path) -> None:
        if verb == "new":
            self._new(arguments, place)
        elif verb in {"edit", "enable", "disable", "open", "close"}:
            self._change(verb, arguments, place)
        elif verb in {"more", "m", "~"}:
            self._more(arguments, place)
        elif verb == "set":
            self._set(arguments, place)
        elif verb in {"buscoords", "latlongcoords"}:
            name = arguments[0].text if len(arguments) == 1 else " ".join(a.raw for a in arguments)
            self.script.coordinates.append((name, path, place))
        elif verb == "setbusxy":
            self._place_bus(arguments, place)
        else:
            self._refuse(verb, place)

    def _refuse(self, verb: str, place: Place) -> None:
        """Say why a command is not carried out; those that solve, or ask, need no word."""
        if verb in {"clear", "clearall"} and self._circuit:
            message = f"{verb} after New Circuit takes the network away again"
            self._error("network.dss.not_supported", place, message, verb, "one circuit per network")
        elif verb in words.MACHINE_COMMANDS:
            message = f"{verb} touches the machine that reads the file; it is not carried out"
            self._error("network.dss.refused", place, message, verb, "take the line out")
        elif verb in words.WRITING_COMMANDS:
            message = f"{verb} is not carried out: a network is read, nothing is written or drawn"
            self._log.add("network.dss.not_carried_out", "warning", str(place), message, verb, table=verb)
        elif verb in words.CHANGING_COMMANDS:
            message = f"{verb} would change the network in a way that is not read"
            self._error(
                "network.dss.not_supported", place, message, verb, "write the elements out as they are"
            )

    def _new(self, arguments: tuple[Argument, ...], place: Place) -> None:
        self._active, self._skipping = None, False
        found = self._object(arguments, place)
        if found is None:
            self._skipping = True
            return
        kind, name = found
        if kind == words.CIRCUIT:
            self._new_circuit(name, arguments, place)
            return
        if kind in words.SKIPPED_CLASSES | words.CONTROL_CLASSES:
            self._skipped[kind] += 1
            self._first.setdefault(kind, place)
            self._skipping = True
            return
        if kind not in words.FED:
            self._skipping = True
            self._unknown_class(kind, name, place)
            return
        if not self._circuit:
            self._skipping = True
            if not self._told_no_circuit:
                self._told_no_circuit = True
                message = f"{kind} {name} stands before any New Circuit"
                self._error("network.dss.no_circuit", place, message, name, "New Circuit.name first")
            return
        twin = self.script.elements.get((kind, name.lower()))
        if twin is not None:
            self._skipping = True
            message = f"{kind} {name} stands twice, first at {twin.place}"
            self._error("network.element.twice", place, message, name, "one name each", (name,))
            return
        element = DssElement(kind, name, place)
        self.script.elements[kind, name.lower()] = element
        self._active = element
        self._feed("new", element, f"{kind}.{name}", arguments[1:], place)

    def _new_circuit(self, name: str, arguments: tuple[Argument, ...], place: Place) -> None:
        if self._circuit:
            self._skipping = True
            self._error("network.dss.not_supported", place, "there are two circuits", name, "one per network")
            return
        self._circuit = True
        self._active = DssElement("vsource", "source", place)
        self.script.name = name
        self.script.elements["vsource", "source"] = self._active
        self._feed("new", self._active, f"circuit.{name}", arguments[1:], place)

    def _unknown_class(self, kind: str, name: str, place: Place) -> None:
        if kind in words.NOT_MODELLED:
            message = f"{kind} {name} is not modelled, and would change the power flow"
            self._error("network.dss.not_supported", place, message, kind, "take it out", (name,))
            return
        known = [
            words.CIRCUIT,
            *words.FED,
            *words.SKIPPED_CLASSES,
            *words.CONTROL_CLASSES,
            *words.NOT_MODELLED,
        ]
        close = nearest(kind, known)
        message = f"{kind} is no class of OpenDSS that a network is read from"
        self._error(
            "network.dss.unknown_class", place, message, kind, f"did you mean {close}?" if close else ""
        )

    def _object(self, arguments: tuple[Argument, ...], place: Place) -> tuple[str, str] | None:
        """Class in lower case and name of ``class.name``."""
        first = arguments[0] if arguments else None
        text = first.text if first is not None and first.name in {"", "object", "element"} else ""
        kind, _, name = text.partition(".")
        if not kind or not name.strip() or len(name) > _MOST_NAME or _BAD_NAME.search(text):
            message = "no element is named, or its name holds signs that names cannot hold"
            self._error("network.dss.form", place, message, text, "class.name")
            return None
        return kind.lower(), name.strip()

    def _element(self, kind: str, name: str, place: Place) -> DssElement | None:
        element = self.script.elements.get((kind, name.lower()))
        if element is None and kind not in words.SKIPPED_CLASSES | words.CONTROL_CLASSES:
            names = [e.name for e in self.script.of(kind)]
            close = nearest(name, names)
            message = f"there is no {kind} {name} to change"
            remedy = f"did you mean {close}?" if close else "make it first: New"
            self._error("network.dss.unknown_element", place, message, name, remedy, (name,))
        return element

    def _change(self, verb: str, arguments: tuple[Argument, ...], place: Place) -> None:
        found = self._object(arguments, place)
        self._active, self._skipping = None, True
        if found is None:
            return
        element = self._element(*found, place)
        if element is None:
            return
        if verb == "edit":
            self._active, self._skipping = element, False
            self._feed("edit", element, f"{element.kind}.{element.name}", arguments[1:], place)
        elif verb in {"enable", "disable"}:
            answer = "yes" if verb == "enable" else "no"
            self.script.commands.append((f'edit "{element.kind}.{element.name}" enabled={answer}', place))
        else:
            self._switch(verb, element, arguments[1:], place)

    def _switch(self, verb: str, element: DssElement, arguments: tuple[Argument, ...], place: Place) -> None:
        """``open line.x 1``: a whole end of a line, or nothing that `Network` can say."""
        texts = [a.text for a in arguments] or ["1"]
        if element.kind != "line" or texts[0] not in {"1", "2"} or (len(texts) > 1 and texts[1] != "0"):
            message = f"{verb} is read for an end of a line with all its phases"
            self._error("network.dss.not_supported", place, message, element.name, "", (element.name,))
        elif verb == "open":
            element.opened.add(int(texts[0]))
        else:
            element.opened.discard(int(texts[0]))

    def _edit_property(self, statement: Statement) -> None:
        """``line.x.length=3``."""
        kind, _, rest = statement.verb.partition(".")
        name, _, last = rest.rpartition(".")
        if kind not in words.FED or not name or not statement.arguments:
            message = f"{statement.verb} is neither a command nor a property of an element"
            self._error("network.dss.unknown_command", statement.place, message, statement.verb)
            return
        element = self._element(kind, name, statement.place)
        if element is not None:
            value = statement.arguments[0]._replace(name=last)
            self._feed("edit", element, f"{kind}.{element.name}", (value,), statement.place)

    def _more(self, arguments: tuple[Argument, ...], place: Place) -> None:
        if self._active is not None:
            kind = self._active.kind
            self._feed("edit", self._active, f"{kind}.{self._active.name}", arguments, place)
        elif not self._skipping:
            self._error("network.dss.form", place, "a line goes on (~) and there is none to go on with", "~")

    def _feed(
        self, verb: str, element: DssElement, named: str, arguments: tuple[Argument, ...], place: Place
    ) -> None:
        """Hand on an element's properties, each by its full name."""
        known = words.class_properties()[element.kind]
        fed = words.FED[element.kind]
        position, parts = -1, [f'{verb} "{named}"']
        for argument in arguments:
            name = words.find_word(argument.name, known) if argument.name else None
            if argument.name and name is None:
                self._unknown_property(element, argument, known, place)
                continue
            position = known.index(name) if name is not None else position + 1
            if position >= len(known):
                message = f"{element.kind} {element.name} has more values than properties"
                self._error("network.dss.form", place, message, argument.raw, "name=value", (element.name,))
                return
            name = known[position]
            if name in fed and self._is_safe(element, name, argument, place):
                element.given[name] = (argument.text, place)
                if name == "like":
                    twin = self.script.elements.get((element.kind, argument.text.lower()))
                    element.given = {**(twin.given if twin else {}), **element.given}
                parts.append(f"{name}={argument.raw}")
        self.script.commands.append((" ".join(parts), place))

    def _unknown_property(
        self, element: DssElement, argument: Argument, known: tuple[str, ...], place: Place
    ) -> None:
        close = nearest(argument.name, known)
        remedy = f"did you mean {close}?" if close else "take it out"
        message = f"{element.kind} {element.name} has no property {argument.name}"
        self._error("network.dss.unknown_property", place, message, argument.name, remedy, (element.name,))

    def _is_safe(self, element: DssElement, name: str, argument: Argument, place: Place) -> bool:
        where = f"{place}, {element.kind} {element.name}"
        if _FILE_VALUE.search(argument.raw):
            message = f"{name} is to be read from a file; values are read where they stand"
            self._log.add(
                "network.dss.refused", "error", where, message, argument.raw, "write the values out"
            )
            return False
        if name in words.COUNTS and (
            not _COUNT.fullmatch(argument.text) or float(argument.text) > words.MOST
        ):
            message = f"{name} is no whole number from 0 to {words.MOST}"
            self._log.add("network.dss.count", "error", where, message, argument.text, ids=(element.name,))
            return False
        if element.kind == "line" and name == "linecode":
            return self._knows_linecode(element, argument.text, where)
        return True

    def _knows_linecode(self, element: DssElement, code: str, where: str) -> bool:
        if ("linecode", code.lower()) in self.script.elements:
            return True
        element.lacks_code = True
        close = nearest(code, [e.name for e in self.script.of("linecode")])
        message = f"there is no linecode {code} at this point of the files"
        remedy = f"did you mean {close}?" if close else "linecodes stand before the lines that use them"
        self._log.add(
            "network.line.unknown_linecode",
            "error",
            where,
            message,
            code,
            remedy,
            ids=(element.name,),
            table="line",
        )
        return False

    def _set(self, arguments: tuple[Argument, ...], place: Place) -> None:
        for argument in arguments:
            option = words.find_word(argument.name, words.OPTIONS)
            if option is None:
                message = f"{argument.name or argument.raw} is no option of OpenDSS"
                self._log.add("network.dss.unknown_option", "warning", str(place), message, argument.raw)
            elif option in words.MACHINE_OPTIONS:
                message = f"set {option} touches the machine that reads the file; it is not carried out"
                self._error("network.dss.refused", place, message, argument.raw, "take the line out")
            elif option in words.CHANGING_OPTIONS and argument.text not in {"1", "1.0"}:
                message = f"set {option} is not carried out: loads and impedances are taken as they stand"
                self._log.add("network.dss.not_carried_out", "warning", str(place), message, argument.raw)
            elif option in words.FED_OPTIONS and not _FILE_VALUE.search(argument.raw):
                self.script.commands.append((f"set {option}={argument.raw}", place))

    def _place_bus(self, arguments: tuple[Argument, ...], place: Place) -> None:
        values = dict(zip(("bus", "x", "y"), (a.text for a in arguments), strict=False))
        values |= {a.name: a.text for a in arguments if a.name}
        try:
            self.script.places[values["bus"].lower()] = float(values["x"]), float(values["y"])
        except (KeyError, ValueError):
            message = "SetBusXY needs a bus and two numbers"
            self._log.add("network.coordinates.form", "warning", str(place), message)
