"""Neighbourhood folders as texts by file name; tests change one and write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ORIGIN = 1_460_246_400
"""2016-04-10 00:00 UTC."""


def small_files() -> dict[str, str]:
    """Two houses: a washer and a kettle, PV with two forecasts, an EV, a battery, base load."""
    return {
        "consumer_event.csv": (
            f"{ORIGIN + 600};{ORIGIN + 3600};{ORIGIN + 7200};[57]:[219]:[1];wash.csv\n"
            f"{ORIGIN + 660};{ORIGIN + 660};{ORIGIN + 680};[58]:kettle;boil.csv\n"
            f"{ORIGIN + 900};{ORIGIN + 7200};{ORIGIN + 9000};[57]:[219]:[2];wash.csv\n"
        ),
        "producer_event.csv": (
            f"{ORIGIN};pv_producer[58]:[220];a_1.csv\n{ORIGIN + 21600};pv_producer[58]:[220];a_2.csv\n"
        ),
        "loads/wash.csv": "0 0\n60 30\n1800 620.5\n3600 700.25\n",
        "loads/boil.csv": "0 0\r\n180 100\r\n",
        "predictions/a_1.csv": f"{ORIGIN} 0\n{ORIGIN + 3600} 250.5\n{ORIGIN + 7200} 1000\n",
        "predictions/a_2.csv": f"{ORIGIN + 21600} 300.125\n{ORIGIN + 25200} 300.125\n",
        "ev_jobs.csv": (
            "job_id,registered,earliest,ready_by,energy_wh,min_w,max_w\n"
            f"[57]:[230]:[1],{ORIGIN + 100},{ORIGIN + 3600},{ORIGIN + 28800},7400,1380,3700\n"
        ),
        "batteries.csv": (
            "house,capacity_wh,charge_w,discharge_w,efficiency,start_soc\n58,7500,3000,2500.5,0.95,0.2\n"
        ),
        "base_load.csv": "house,file\n57,57.csv\n",
        "base_loads/57.csv": f"{ORIGIN} 10\n{ORIGIN + 90000} 4000\n",
        "producer_scores.json": '{"pv_producer[58]:[220]": 8.25}',
        "tariff.csv": "time,import_per_kwh,feed_in_per_kwh\n00:00,0.2,0.05\n17:00,0.4,0.05\n",
        "neighbourhood.xml": (
            '<neighborhood id="Lane"><house id="57"><user id="1">'
            "<device><id>219</id><name>Washer &amp; dryer</name><template>wash</template>"
            "<type>consumer</type></device>"
            "<device><id>230</id><name>Car</name><template/><type>ev</type></device></user></house>\n"
            '<house id="[58]"><user id="1"><device><id>220</id><type>producer</type></device>'
            "<device><id>kettle</id></device></user></house></neighborhood>"
        ),
    }


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write the files of a folder, which is made."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
