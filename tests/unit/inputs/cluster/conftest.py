"""A small hub as sheets, to be changed by tests, written as workbook or CSV files and read."""

# ruff: noqa: DTZ001 - sheets hold readings of a clock

from __future__ import annotations

import csv
from datetime import datetime

import pytest
from openpyxl import Workbook

from sparewatt.inputs.cluster.read import ClusterSources, read_cluster
from sparewatt.inputs.cluster.settings import ClusterSettings

DAY = datetime(2026, 3, 2)


def at(hour, minute=0):
    return DAY.replace(hour=hour, minute=minute)


FLEET = [
    [
        "ev_id",
        "Battery Capacity (kWh)",
        "p_max_ch (kW)",
        "p_max_ds (kW)",
        "Reservation Time",
        "Estimated Arrival Time",
        "Estimated Departure Time",
        "Estimated Arrival SOC",
        "Target SOC @ Estimated Departure Time",
        "V2G Allowance (kWh)",
        "Real Arrival Time",
        "Real Arrival SOC",
        "Real Departure Time",
        "Target Cluster",
    ],
    ["a", 50, 11, 5, at(7), at(8), at(12), 0.5, 0.8, 4, at(8, 5), 0.45, at(12, 10), "cluster2"],
    ["b", 40.5, 11, 0, None, None, at(11), None, 0.7, None, at(8, 30), 0.6, at(11), None],
]
SHEETS = {
    "Fleet": FLEET,
    "Cluster1": [
        ["cu_id", "cu_p_ch_max (kW)", "cu_p_ds_max (kW)", "cu_eff"],
        ["n1", 11, 11, 0.9],
        ["n2", 22, 0, 1],
    ],
    "Cluster2": [["cu_id", "cu_p_ch_max (kW)", "cu_p_ds_max (kW)", "cu_eff"], ["s1", 11, 0, 0.95]],
    "Capacity1": [["TimeStep", "LB (kW)", "UB (kW)"], [at(7), -10, 20], [at(9), 0, 15], [at(13), 0, 15]],
    "Capacity2": [["TimeStep", "LB (kW)", "UB (kW)"], [at(6), 0, 11]],
    "Price": [["TimeStep", "Price (per/kWh)"], [at(7), 0.2], [at(10), 0.4], [at(13), 0.4]],
}


class Hub:
    """Sheets that a test changes, then reads."""

    def __init__(self, folder):
        self.folder = folder
        self.sheets = {name: [list(row) for row in rows] for name, rows in SHEETS.items()}
        self.settings = {}

    def set(self, sheet, row, column, value):
        """Change the cell that a person sees in ``row`` of a column."""
        rows = self.sheets[sheet]
        rows[row - 1][rows[0].index(column)] = value

    def add(self, sheet, *cells):
        self.sheets[sheet].append(list(cells))

    def drop_column(self, sheet, column):
        n = self.sheets[sheet][0].index(column)
        for row in self.sheets[sheet]:
            del row[n]

    def workbook(self):
        book = Workbook()
        book.remove(book.active)
        for name, rows in self.sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        return book

    def save(self, book=None, name="hub.xlsx"):
        path = self.folder / name
        (book or self.workbook()).save(path)
        return path

    def save_csv(self, separator=","):
        folder = self.folder / "tables"
        folder.mkdir(exist_ok=True)
        for name, rows in self.sheets.items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, delimiter=separator).writerows(rows)

    def read_file(self, **sources):
        return read_cluster(
            ClusterSources(**(sources or {"workbook": "hub.xlsx"})),
            ClusterSettings(**self.settings),
            self.folder,
        )

    def read(self):
        self.save()
        return self.read_file()

    def read_csv(self, separator=","):
        self.save_csv(separator)
        return self.read_file(tables="tables")

    def findings(self, severity=None):
        return [f for f in self.read()[1] if severity in {None, f.severity}]

    def errors(self):
        inputs, findings = self.read()
        assert inputs is None
        return [f for f in findings if f.severity == "error"]


@pytest.fixture
def hub(tmp_path):
    return Hub(tmp_path)
