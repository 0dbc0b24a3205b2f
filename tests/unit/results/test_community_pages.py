"""Words, report, overview and comparison of neighbourhoods."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import fields, replace
from html.parser import HTMLParser

import numpy as np
import pytest

from sparewatt.finding import Finding
from sparewatt.model.contract import ContractState, Reason
from sparewatt.results import community_rows
from sparewatt.results.community_cards import community_cards
from sparewatt.results.community_device_rows import device_rows
from sparewatt.results.community_results import community_outcome, write_community_folder
from sparewatt.results.community_rows import answer_rows, contract_rows, house_rows
from sparewatt.results.community_words import energy_words, power_words, share_words
from sparewatt.results.compare import compare_outcomes
from sparewatt.results.comparison_page import write_comparison_page
from sparewatt.results.report import write_report
from sparewatt.results.words import headline, outcome_sentences
from support.hand_community import hand_run, quiet_run


def outcome_of(run, **changes):
    told = {"name": "<b>& co", "seed": 7, "input_hash": "ab" * 32}
    return community_outcome(run, **(told | changes))


def with_values(outcome, **values):
    kpis = tuple(replace(k, value=values.get(k.name, k.value)) for k in outcome.kpis)
    return replace(outcome, kpis=kpis)


def test_the_first_sentence_says_covered_best_and_cost():
    """Told of what contracts could cover; of the pool, where parts of jobs were covered too."""
    words = (
        "Roofs of the neighbourhood covered 1.5 of the 3.0 kWh that its jobs asked for, {} could cover; "
        "all houses together pay 0.43, 0.20 less than on the tariff."
    )
    outcome = outcome_of(hand_run(1))
    assert headline(outcome) == words.format("at least 75 % of what one pool of all sun")
    whole = with_values(outcome, whole_kwh=1.5, share_of_best_contract=1.5 / 1.6)
    assert headline(whole) == words.format("93.7 % of what contracts")


def test_further_sentences():
    text = " ".join(outcome_sentences(outcome_of(hand_run(1, limit_kw=1.5))))
    assert (
        "With everything known beforehand up to 1.6 kWh by contracts and up to 2.0 kWh (1.8 for sure) with "
        "all sun in one pool could be covered." in text
    )
    assert "Of 2.0 kWh of sun 87.5 % were used in the neighbourhood (0.25 kWh through home batteries)" in text
    assert "Of 3.2 kWh that were used 0.7 kWh came from the own roof, 1.0 kWh from neighbours" in text
    assert "(self-sufficiency 53.1 %)" in text
    assert (
        "2 of 3 jobs ran on a contract with a producer, 1 on one with the grid; 1 contract was cancelled on "
        "the way, and 1 job had to ask again." in text
    )
    assert "No house pays more than it would on the tariff." in text
    assert "The import limit was exceeded in 30 minutes, by 0.25 kWh together." in text
    assert "at most 2.0 kW were bought at once." in text
    assert "1 job comes after the simulated days and was not simulated." in text


def test_who_asked_again_who_was_handed_over_and_who_called_back():
    run = hand_run(1)
    (r,) = run.repetitions
    told = {}
    for again, reasons in ((0, {Reason.HANDED_OVER: 1}), (1, {Reason.HANDED_OVER: 1, Reason.CALLED_BACK: 1})):
        by_job = r.counts.by_job.copy()
        for reason, count in reasons.items():
            by_job[1 if reason == Reason.HANDED_OVER else 2, reason] = count
        rows = [1, 1] if again else [1]  # contracts of job 1 that are cancelled
        state = np.concatenate([r.contracts.state, np.full(len(rows) - 1 + again, ContractState.CANCELLED)])
        job = np.concatenate([r.contracts.job, rows[1:], [2] * again]).astype(np.int64)
        contracts = longer(r.contracts, len(state) - len(r.contracts), job=job, state=state)
        counts = replace(r.counts, by_job=by_job)
        changed = replace(run, repetitions=(replace(r, contracts=contracts, counts=counts),))
        told[again] = " ".join(outcome_sentences(outcome_of(changed)))
    assert "1 contract was cancelled on the way, and 1 job was handed over to another producer." in told[0]
    assert (
        "3 contracts were cancelled on the way: 1 job had to ask again, 1 was handed over to another "
        "producer and 1 was called back from the grid." in told[1]
    )


def longer(contracts, more, **columns):
    """The contracts, and some more like the last one."""
    given = {}
    for f in fields(contracts):
        values = getattr(contracts, f.name)
        again = values[-1:] * more if isinstance(values, tuple) else np.repeat(values[-1:], more)
        whole = (*values, *again) if isinstance(values, tuple) else np.concatenate([values, again])
        given[f.name] = columns.get(f.name, whole)
    return type(contracts)(**given)


def test_sentences_of_several_repetitions():
    text = " ".join(outcome_sentences(outcome_of(hand_run(2))))
    assert "These are means of 2 repetitions; 1.0 ± 0.707 kWh were covered" in text
    assert "1.5 of 3 jobs ran on a contract with a producer" in text
    same = with_values(outcome_of(hand_run(2)), covered_kwh_sd=0.0)
    assert "All 2 repetitions covered the same energy." in outcome_sentences(same)


def test_sentences_of_quiet_sunless_and_dear_neighbourhoods():
    quiet = outcome_sentences(outcome_of(quiet_run()))
    assert quiet == ("No house had a job to run.", "No roof produced anything.")
    outcome = outcome_of(hand_run(1))
    dark = with_values(outcome, covered_kwh=0.0, share_of_best_contract=0.0, production_kwh=0.0)
    assert headline(dark).startswith("Roofs of the neighbourhood covered nothing of the 3.0 kWh")
    assert "No roof produced anything." in outcome_sentences(dark)
    earning = with_values(outcome, cost=-5.0, saved=1.0)
    assert headline(earning).endswith("all houses together earn 5.00, 1.00 more than on the tariff.")
    worse = with_values(outcome, houses_worse_off=1, saved=-2.0)
    assert "1 house pays more with the sharing rule than on the tariff." in outcome_sentences(worse)
    assert "2.00 more than on the tariff" in headline(worse)
    nothing_shared = with_values(outcome, saved=0.0)
    assert headline(nothing_shared).endswith("all houses together pay 0.43.")


def test_shares_are_never_told_larger_than_they_are():
    assert share_words(0.9994, 0.0) == "99.9 % of what contracts could cover"
    assert share_words(0.99991, 0.0) == "all that contracts could cover"
    assert share_words(0.5, 0.2) == "at least 50 % of what contracts could cover"
    assert share_words(None, None) == ""


def test_small_energies_read_in_watts():
    assert (energy_words(0.0015), energy_words(22.14), energy_words(0.0)) == ("1.5 Wh", "22.1 kWh", "0 kWh")
    assert (power_words(0.05), power_words(3.2)) == ("50.0 W", "3.2 kW")


def cells(row):
    return [cell.text for cell in row]


def test_rows_of_contracts_say_what_happened():
    run = hand_run(1)
    table = contract_rows(run, run.repetitions[0])
    assert [cells(row)[0] for row in table.rows] == ["j0", "=j1", "=j1", "j2"], "by start"
    first, cancelled, short, bought = (dict(zip(table.head, cells(row), strict=True)) for row in table.rows)
    assert (first["Start"], first["End"], first["Covered"]) == ("02:00", "02:30", "100 %")
    assert first["What happened"] == "1 asked"
    assert cancelled["What happened"] == "cancelled 02:20"
    assert cancelled["Grid [Wh]"] == "–"
    assert (short["Covered"], short["Neighbours [Wh]"], short["Grid [Wh]"]) == ("66.7 %", "1,000", "500")
    assert bought["Producer"] == "grid"
    assert bought["What happened"] == (
        "1 declined, mostly: its forecast never covers the job inside its window"
    )
    verdicts = [{c.verdict for c in row} for row in table.rows]
    assert [("worse" in v) for v in verdicts] == [False, False, True, False]
    assert contract_rows(run, run.repetitions[0], most=3).hidden == 1


def test_rows_of_producers_and_houses(monkeypatch):
    run = hand_run(2)
    table = answer_rows(run, run.repetitions[1])
    assert table.head[2:5] == (
        "Yes: its forecast covers the job",
        "No: its forecast never covers the job inside its window",
        "No: what other contracts leave does not cover the job",
    )
    assert cells(table.rows[0]) == ["pv_producer[a]:[pv]", "4", "2", "1", "1", "10 → 10", "0.5"]
    monkeypatch.setattr(community_rows, "MOST_HOUSES", 1)
    houses = house_rows(outcome_of(run))
    assert (cells(houses.rows[0])[0], houses.hidden) == ("a", 1), (
        "it uses and produces 2.7 kWh, the other 2.5"
    )


class Page(HTMLParser):
    """What a page would fetch, its script, and its words."""

    def __init__(self, text):
        super().__init__()
        self.links, self.words, self.script, self.policy = [], [], "", ""
        self.in_script = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.links += [v for k, v in attrs if k in {"src", "href", "data"} and not v.startswith("#")]
        self.in_script = tag == "script"
        if told.get("http-equiv") == "Content-Security-Policy":
            self.policy = told["content"]

    def handle_data(self, data):
        if self.in_script:
            self.script += data
        else:
            self.words.append(data)

    def handle_endtag(self, tag):
        self.in_script = False


def test_rows_of_devices():
    run = hand_run(1)
    table = device_rows(run, run.repetitions[0])
    told = [(row[0].text, row[1].text, row[-2].text, row[-1].text) for row in table.rows]
    assert told == [
        ("a: pump", "consumer", "0.00", "0.00"),
        ("a: pv", "producer", "−0.12", "−0.23"),
        ("a: battery", "battery", "−0.06", "−0.06"),
        ("a: base load", "base load", "0.06", "0.06"),
        ("=b: +Washer", "consumer", "0.75", "0.65"),
    ]
    assert table.rows[2][4].text == "–", "no energy of neighbours in a battery"
    few = device_rows(run, run.repetitions[0], most=2)
    assert ([row[0].text for row in few.rows], few.hidden) == (["a: pv", "=b: +Washer"], 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    run = hand_run(2)
    finding = Finding(
        "community.x", "warning", "consumer_event.csv", "<script>alert(1)</script>", "v", "mend"
    )
    outcome = outcome_of(run, findings=[finding])
    return write_community_folder(tmp_path_factory.mktemp("run"), outcome, run, simulate_s=1.25)


@pytest.fixture(scope="module")
def report(folder):
    return write_report(folder).read_text(encoding="utf-8")


def test_report_is_one_safe_page(report):
    text = report
    page = Page(text)
    assert page.links == []
    assert "<b>&" not in text
    assert "<script>alert" not in text
    told = base64.b64encode(hashlib.sha256(page.script.encode()).digest()).decode()
    assert page.policy == (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{told}'"
    )
    assert text.count("<script>") == 1
    words = " ".join(page.words)
    for expected in (
        "Where the energy came from, and when",
        "A closer look, minute by minute",
        "When the jobs ran, and when the sun shone",
        "How near the best possible",
        "Every house: where its energy came from and went to",
        "What every house pays, on the tariff and shared",
        "House =b",
        "Contracts under what the roofs produced",
        "Scores of the producers",
        "How far the repetitions differ",
        "Repetition 2: 0.5 kWh covered",
        "What producers answered, and why",
        "Sun 10 Apr 2016 02:00",
        "1.2 s of processor time",
        "1.0 ± 0.707 kWh",
    ):
        assert expected in words, expected


def test_same_run_same_report(report, folder):
    assert write_report(folder).read_text(encoding="utf-8") == report


def test_ids_of_pictures_differ(report):
    ids = re.findall(r'\bid="([^"]+)"', report)
    assert len(ids) == len(set(ids))


def test_report_of_a_neighbourhood_in_which_nothing_happens(tmp_path):
    run = quiet_run()
    folder = write_community_folder(tmp_path, outcome_of(run), run)
    words = " ".join(Page(write_report(folder).read_text(encoding="utf-8")).words)
    assert "No house had a job to run." in words
    assert "There were no jobs." in words
    assert "Repetitions</h2>" not in words


def test_houses_are_compared_too():
    one, two = outcome_of(hand_run(1)), outcome_of(hand_run(2))
    comparison = compare_outcomes([one, two], ["one", "two"])
    assert comparison.subjects()[0] == "run"
    covered = next(r for r in comparison.rows if r.kpi.name == "covered_kwh")
    assert (covered.change(1), covered.verdict(1)) == (pytest.approx(-0.5), "worse")


def test_comparison_page_has_pictures(folder, tmp_path):
    path = write_comparison_page([folder, folder], ["<one>", "two"], tmp_path / "c.html")
    text = path.read_text(encoding="utf-8")
    assert text.count("<svg") == 2
    assert "<one>" not in text
    assert Page(text).links == []
    words = " ".join(Page(text).words)
    assert "Energy of the runs over each other" in words
    assert "Processor time" in words


def test_runs_of_other_times_are_compared_in_bars_only(folder, tmp_path):
    run = hand_run(1)
    later = replace(run, grid=replace(run.grid, origin_s=run.grid.origin_s + 60))
    other = write_community_folder(tmp_path / "other", outcome_of(later), later)
    text = write_comparison_page([folder, other], ["one", "two"], tmp_path / "c.html").read_text("utf-8")
    assert text.count("<svg") == 1


def test_negative_and_missing_values_are_told():
    run = hand_run(1)
    houses = replace(run.repetitions[0].houses, shared_cost=np.array([-9.0, 0.9]))
    earning = replace(run, repetitions=(replace(run.repetitions[0], houses=houses),), bounds=None)
    cards = {card.label: card for card in community_cards(outcome_of(earning))}
    assert cards["All houses pay"].value == "−8.10"
    assert (cards["Saved by sharing"].beside, cards["Saved by sharing"].verdict) == (
        "1 house worse off",
        "worse",
    )
    assert "Share of the best" not in cards
    limited = {card.label: card for card in community_cards(outcome_of(hand_run(1, limit_kw=1.5)))}
    assert (limited["Above the import limit"].value, limited["Above the import limit"].verdict) == (
        "30",
        "worse",
    )
