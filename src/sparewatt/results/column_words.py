"""Columns of tables in words: ``delivered_kwh`` reads as *Delivered* in kWh."""

from __future__ import annotations

_UNITS = {
    "per_kwh": "per kWh",
    "kwh_per_day": "kWh/day",
    "kwh": "kWh",
    "wh": "Wh",
    "kw": "kW",
    "kva": "kVA",
    "kwp": "kWp",
    "pu": "pu",
    "h": "h",
    "s": "s",
    "v": "V",
    "a": "A",
    "m": "m",
    "share": "0–1",
    "minutes": "min",
}
_KNOWN = {
    "soc": "SoC",
    "evs": "EVs",
    "ev": "EV",
    "evse": "EVSE",
    "evses": "EVSEs",
    "g2v": "G2V",
    "v2g": "V2G",
    "asc": "ASC",
    "hp": "heat-pump",
    "pv": "PV",
    "par": "Peak to average",
    "id": "number",
    "kpi": "KPI",
}


def column_words(name: str) -> tuple[str, str]:
    """What a column is called by people, and its unit; the unit is empty where it has none."""
    stem, unit = name, ""
    for suffix, words in _UNITS.items():
        if name.endswith(f"_{suffix}") and name != suffix:
            stem, unit = name[: -len(suffix) - 1], words
            break
    words_of = stem.split("_")
    if words_of[-1] == "id" and len(words_of) > 1:
        words_of = words_of[:-1]
    text = " ".join(_KNOWN.get(word, word) for word in words_of if word)
    return (text[:1].upper() + text[1:] if text else name), unit


def column_head(name: str) -> str:
    """The head of a column: its words, and its unit in brackets."""
    words, unit = column_words(name)
    return f"{words} [{unit}]" if unit else words
