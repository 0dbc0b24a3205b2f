"""What is written reads as the same, to the bit; it is written whole or not at all, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparewatt.errors import InputError
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.scores import write_producer_scores
from sparewatt.inputs.community.tariff import TariffSteps, read_tariff_steps
from sparewatt.inputs.community.write import same_parts, write_neighbourhood
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.generate.neighbourhood import generate_neighbourhood
from sparewatt.model.curves import join_curves
from sparewatt.model.neighbourhood import Device, Producers
from support.neighbourhood_folders import small_files, write_files


@pytest.fixture
def small(tmp_path):
    return read_neighbourhood(write_files(tmp_path / "source", small_files()))[0]


def again(neighbourhood, folder):
    write_neighbourhood(neighbourhood, folder)
    read, findings = read_neighbourhood(folder)
    assert read is not None, "\n".join(map(str, findings))
    return read


def test_read_write_read_is_the_same(small, tmp_path):
    assert same_parts(again(small, tmp_path / "copy"), small)


def test_every_kind_of_part_counts_in_the_comparison(small):
    soc = small.batteries.start_soc
    assert same_parts(replace(small, batteries=replace(small.batteries, start_soc=soc.copy())), small)
    other = replace(small, batteries=replace(small.batteries, start_soc=np.nextafter(soc, 1)))
    assert not same_parts(other, small)
    assert not same_parts(replace(small, devices=small.devices[:-1]), small)
    assert not same_parts(replace(small, origin_s=small.origin_s + 1), small)
    profiles = join_curves([small.jobs.profiles.points(0), small.jobs.profiles.points(0)])
    assert not same_parts(replace(small, jobs=replace(small.jobs, profiles=profiles)), small)


@pytest.mark.parametrize("seed", range(4))
def test_drawn_neighbourhoods_of_any_numbers_come_back(tmp_path, seed):
    """Energies, powers and scores are any doubles, not those that a few decimals tell."""
    drawn = generate_neighbourhood(
        seed, 7, 2, 2.5, 0.6, forecast_error=0.3, ev_share=0.5, battery_share=0.5, base_load=True
    )
    rng = np.random.default_rng(seed)
    profiles, curves = drawn.jobs.profiles, drawn.forecasts.curves
    scale = rng.uniform(0.1, 3.0)
    energy_kwh = profiles.energy_kwh * scale
    jobs = replace(drawn.jobs, profiles=replace(profiles, energy_kwh=energy_kwh))
    is_fixed = ~jobs.is_flexible
    total = np.where(is_fixed, jobs.profiles.total_kwh[jobs.profile], jobs.energy_kwh)
    jobs = replace(jobs, energy_kwh=total)
    capacity = rng.uniform(3, 12, len(drawn.batteries))
    changed = replace(
        drawn,
        name='A "lane" <of> & ü houses',
        jobs=jobs,
        forecasts=replace(drawn.forecasts, curves=replace(curves, energy_kwh=curves.energy_kwh * scale)),
        batteries=replace(drawn.batteries, capacity_kwh=capacity, start_soc=rng.uniform(0, 1, len(capacity))),
        scores=rng.normal(10, 5, len(drawn.producers)),
    )
    assert same_parts(again(changed, tmp_path / "copy"), changed)


def test_prices_come_back(small, tmp_path):
    rng = np.random.default_rng(3)
    for is_daily, time_s in ((True, [0, 21600, 61215]), (False, [1460246400, 1460260000])):
        count = len(time_s)
        steps = TariffSteps(is_daily, np.array(time_s), rng.normal(0.3, 1, count), rng.normal(-5, 1, count))
        write_neighbourhood(small, tmp_path / "copy", steps=steps)
        text = (tmp_path / "copy" / "tariff.csv").read_text()
        assert same_parts(read_tariff_steps("tariff.csv", text, FindingLog()), steps)


def test_the_same_neighbourhood_gives_the_same_bytes(small, tmp_path):
    for name in ("one", "two"):
        write_neighbourhood(small, tmp_path / name)
    files = [p.relative_to(tmp_path / "one") for p in sorted((tmp_path / "one").rglob("*")) if p.is_file()]
    assert len(files) == 12
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_loads_are_called_by_the_template_of_their_device(small, tmp_path):
    write_neighbourhood(small, tmp_path / "copy")
    assert sorted(p.name for p in (tmp_path / "copy" / "loads").iterdir()) == ["load_0002.csv", "wash.csv"]


def test_a_neighbourhood_is_replaced_whole(small, tmp_path):
    write_neighbourhood(small, tmp_path / "copy")
    bare = replace(
        small,
        batteries=replace(
            small.batteries, **{f: getattr(small.batteries, f)[:0] for f in small.batteries.__dict__}
        ),
    )
    write_neighbourhood(bare, tmp_path / "copy")
    assert not (tmp_path / "copy" / "batteries.csv").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy", "source"]


def test_other_things_are_never_replaced(small, tmp_path):
    folder = write_files(tmp_path / "home", {"letter.txt": "dear", "consumer_event.csv": ""})
    with pytest.raises(InputError, match=r"holds other things.*letter\.txt"):
        write_neighbourhood(small, folder)
    assert (folder / "letter.txt").read_text() == "dear"
    (tmp_path / "file").write_text("kept")
    with pytest.raises(InputError, match="is a file"):
        write_neighbourhood(small, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "kept"


def test_a_folder_that_cannot_be_put_in_place_stays_as_it_was(small, tmp_path, monkeypatch):
    write_neighbourhood(small, tmp_path / "copy")
    rename = Path.rename

    def stumble(self, target):
        if self.parent.name.startswith(".copy") and self.name == "copy":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stumble)
    with pytest.raises(InputError, match="No space left on device"):
        write_neighbourhood(replace(small, name="Other"), tmp_path / "copy")
    monkeypatch.undo()
    assert read_neighbourhood(tmp_path / "copy")[0].name == "Lane"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy", "source"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("../../escape", "community.id.job"), ("[57]:[219]", "community.id.job"), ("[57]:a;b", "fields")],
)
def test_ids_that_are_none_are_refused_before_anything_is_written(small, tmp_path, name, words):
    jobs = replace(small.jobs, ids=(name, *small.jobs.ids[1:]))
    with pytest.raises(InputError, match=words):
        write_neighbourhood(replace(small, jobs=jobs), tmp_path / "copy")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["source"]


def test_what_would_read_otherwise_is_refused(small, tmp_path):
    silent = Producers(
        ids=(*small.producers.ids, "pv_producer[57]:[240]"),
        house=np.array([1, 0]),
        device=("220", "240"),
    )
    cases = {
        "producers": replace(small, producers=silent, scores=np.array([8.25, 10.0])),
        "origin_s": replace(small, origin_s=small.origin_s + 60, forecasts=_later(small.forecasts, -60)),
        "jobs": replace(small, jobs=replace(small.jobs, device=("7", *small.jobs.device[1:]))),
    }
    for part, neighbourhood in cases.items():
        with pytest.raises(InputError, match=rf"{part}.* would not read as the same"):
            write_neighbourhood(neighbourhood, tmp_path / "copy")
    ghost = replace(small, devices=(*small.devices, Device("99", "1", "1", "", "", "")))
    with pytest.raises(InputError, match="house 99"):
        write_neighbourhood(ghost, tmp_path / "copy")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["source"]


def _later(forecasts, by_s):
    return replace(forecasts, issued_s=forecasts.issued_s + by_s)


def test_names_of_files_stay_inside_whatever_ids_say(small, tmp_path):
    house = "../up"
    neighbourhood = replace(
        small,
        house_ids=(house, "58"),
        devices=tuple(replace(d, template="../../x") for d in small.devices if d.house == "58"),
        jobs=replace(small.jobs, ids=tuple(i.replace("[57]", f"[{house}]") for i in small.jobs.ids)),
    )
    assert same_parts(again(neighbourhood, tmp_path / "copy"), neighbourhood)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy", "source"]


def test_profiles_that_no_job_uses_are_left_out(small, tmp_path):
    jobs = small.jobs
    extra = join_curves([(np.array([0, 60]), np.array([0, 1.0])), *(jobs.profiles.points(r) for r in (1, 0))])
    profile = np.where(jobs.profile >= 0, 2 - jobs.profile, jobs.profile)
    other = replace(small, jobs=replace(jobs, profiles=extra, profile=profile))
    assert same_parts(again(other, tmp_path / "copy"), small)


def test_scores_are_kept_whole_and_left_alone_where_nothing_changed(small, tmp_path):
    folder = tmp_path / "copy"
    write_neighbourhood(small, folder)
    assert write_producer_scores(folder, small.producers.ids, np.array([7.4])) == ()
    assert read_neighbourhood(folder)[0].scores.tolist() == [7.4]
    stamp = (folder / "producer_scores.json").stat().st_mtime_ns
    assert write_producer_scores(folder, small.producers.ids, np.array([7.4])) == ()
    assert (folder / "producer_scores.json").stat().st_mtime_ns == stamp
    assert not list(folder.glob(".*"))


def test_scores_that_cannot_be_kept_are_a_warning(small, tmp_path):
    (finding,) = write_producer_scores(tmp_path / "nowhere", small.producers.ids, np.array([7.4]))
    assert (finding.rule, finding.severity) == ("community.scores.kept", "warning")
    assert str(tmp_path) not in str(finding)
