"""The page of rules lists every rule that the source can tell, and no other."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "src" / "sparewatt"
NAMED = {
    PACKAGE / name for name in ("__init__.py", *(f"faces/web/parts/{n}.py" for n in ("form", "form_words")))
}
"""Files that name modules, or keys of scenario files, in the form of rules."""
SOURCES = sorted(set(PACKAGE.rglob("*.py")) - NAMED)
PAGE = ROOT / "docs" / "rules.md"

STEMS = r"(api|depot|cluster|network|community|generate|scenario|results|store)"
RULE = re.compile(rf"{STEMS}(\.[a-z_]+)+")
ROW = re.compile(
    r"^\| `(?P<rule>[a-z_.]+)` \| (?P<severity>[^|]*) \| (?P<meaning>[^|]*) \| (?P<remedy>[^|]*) \|$"
)
KEYS = {"depot.horizon_days", "depot.initial_soc", "depot.scenario_ids", "depot.step"}
KEYS |= {"cluster.control", "cluster.start", "cluster.end", "cluster.step", "cluster.system_limits"}
KEYS |= {"network.cases"}
KEYS |= {"community.algorithm", "community.days", "community.feed_in", "community.tariff"}
PLACES = (
    "cluster.imbalance_limits.",
    "cluster.limit_tolerance_kw.",
    "cluster.system_limits.",
    "cluster.traffic.",
)
PLACE = {"network.*"}
FILES = (".json", ".toml", ".html", ".css", ".js")
TEMPLATE = ".html.j2"
"""Texts of the same form that name a key, one of many keys, or a file."""

WIRES = {"Input", "Output", "State"}
"""Calls that name a component of a page and its property, which may be called ``error``."""

ENDINGS = {
    "depot.time.*": {"missing", "ambiguous"},
    "depot.schedule.*_count": {"ac", "dc"},
    "cluster.trace.*": {"limit", "system_limit", "imbalance_limit"},
    "network.*.count": {"source", "transformer"},
    "network.*.unknown_bus": {"load", "generator"},
}
"""What f-strings of rules can become where the source says it in other words."""

MAKERS = {
    "results.bundle.*": ("_error",),
    "store.table.*": ("_problem",),
    "network.loads.*": ("_refused", "note"),
    "api.upload.*": ("upload_error",),
}
"""Functions whose first argument ends such an f-string, wherever they are called in its folder."""


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _text(node: ast.JoinedStr) -> str:
    """An f-string with ``*`` for what it fills in."""
    return "".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)


def _called_with(tree: ast.Module, functions: tuple[str, ...]) -> set[str]:
    """First arguments of the calls of some functions."""
    calls = (n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.args)
    named = (c.args[0] for c in calls if isinstance(c.func, ast.Name) and c.func.id in functions)
    return {str(a.value) for a in named if isinstance(a, ast.Constant)}


def _rules_of(path: Path) -> set[str]:
    tree = _tree(path)
    inside = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
    rules = {
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant)
        and isinstance(n.value, str)
        and id(n) not in inside
        and RULE.fullmatch(n.value)
    }
    for pattern in (_text(n) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr)):
        is_rule = re.fullmatch(rf"{STEMS}(\.[a-z_*]+)+", pattern) and not pattern.startswith(PLACES)
        if is_rule and "*" in pattern and pattern not in PLACE:
            beside = (_tree(p) for p in path.parent.glob("*.py"))
            called = chain.from_iterable(_called_with(t, MAKERS.get(pattern, ())) for t in beside)
            endings = set(called) if pattern in MAKERS else ENDINGS[pattern]
            assert endings, f"{path.name}: nothing is known to fill {pattern}"
            rules |= {pattern.replace("*", e) for e in endings}
    return {
        r for r in rules - KEYS if not r.endswith(TEMPLATE) and (r.count(".") > 1 or not r.endswith(FILES))
    }


def _rows() -> list[re.Match[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [m for m in map(ROW.match, lines) if m]


def test_every_rule_of_the_source_is_on_the_page():
    told = set(chain.from_iterable(_rules_of(p) for p in SOURCES))
    assert len(told) > 100
    assert sorted(told - {r["rule"] for r in _rows()}) == []


def test_every_rule_on_the_page_is_in_the_source():
    told = set(chain.from_iterable(_rules_of(p) for p in SOURCES))
    assert sorted({r["rule"] for r in _rows()} - told) == []


def test_no_rule_stands_twice():
    rules = [r["rule"] for r in _rows()]
    assert sorted(r for r in set(rules) if rules.count(r) > 1) == []


@pytest.mark.parametrize("row", _rows(), ids=lambda r: r["rule"])
def test_a_rule_has_a_severity_a_meaning_and_a_remedy(row):
    severities = set(row["severity"].split(", "))
    assert severities <= {"error", "warning", "info"}
    assert row["meaning"].strip()
    assert row["remedy"].strip()


def test_every_rule_begins_with_a_known_word():
    """What is said with a severity is a rule, whatever it begins with; such a rule has to be looked for."""
    calls = (n for p in SOURCES for n in ast.walk(_tree(p)) if isinstance(n, ast.Call))
    calls = (c for c in calls if not (isinstance(c.func, ast.Name) and c.func.id in WIRES))
    said = ([a.value for a in c.args[:2] if isinstance(a, ast.Constant)] for c in calls)
    rules = {s[0] for s in said if len(s) > 1 and s[1] in {"error", "warning", "info"}}
    assert len(rules) > 100
    assert sorted(r for r in rules if not RULE.fullmatch(r)) == []


def test_a_new_kind_of_rule_is_noticed(tmp_path):
    source, other = tmp_path / "new.py", tmp_path / "other.py"
    source.write_text('Finding(f"depot.moon.{phase}", "error", "sky", "is full")\n', encoding="utf-8")
    with pytest.raises(KeyError, match=r"depot\.moon"):
        _rules_of(source)
    other.write_text('Finding("depot.moon.full", "error", "sky", "is full")\n', encoding="utf-8")
    assert _rules_of(other) == {"depot.moon.full"}
