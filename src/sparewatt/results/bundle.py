"""Bundle: a run in one zip, to send to a colleague; read back like any input, never executed.

A bundle holds ``scenario.toml``, ``inputs/``, ``outcome.json``, ``timing.json``, ``tables/``, ``series/``
and ``manifest.json`` with the sha256 and size of every other file. It holds no report: that is made anew
from the data when the bundle is read, so a page written by somebody else is never opened.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sparewatt.errors import InputError
from sparewatt.finding import Finding, has_errors
from sparewatt.results.run_folder import OUTCOME_FILE, TIMING_FILE, RunFolder
from sparewatt.results.study_results import results_of
from sparewatt.results.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MANIFEST = "manifest.json"
SCENARIO = "scenario.toml"
BUNDLE_VERSION = 1

_ALLOWED = re.compile(
    r"(manifest\.json|scenario\.toml|outcome\.json|timing\.json"
    r"|tables/[A-Za-z0-9_-][A-Za-z0-9_.-]*\.csv"
    r"|series/[A-Za-z0-9_-][A-Za-z0-9_.-]*\.parquet"
    r"|inputs/(?:[A-Za-z0-9_-][A-Za-z0-9_. -]*/){0,3}[A-Za-z0-9_-][A-Za-z0-9_. -]*"
    r"\.(csv|toml|json|parquet|xlsx|xml|dss|txt))"
)
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class BundleLimits:
    """What a bundle may hold.

    Parameters
    ----------
    files
        Number of files.
    file_bytes, total_bytes
        Unpacked size of one file and of all [bytes].
    ratio
        Unpacked to packed size of a file; files below ``ratio_from_bytes`` are not judged by it.
    """

    files: int = 50_000
    file_bytes: int = 2_000_000_000
    total_bytes: int = 4_000_000_000
    ratio: float = 400.0
    ratio_from_bytes: int = 10_000_000


def write_bundle(
    folder: RunFolder, target: Path, *, scenario: Path | None = None, inputs: Path | None = None
) -> Path:
    """Write a run as one zip with the same bytes for the same files.

    Parameters
    ----------
    folder
        The run.
    target
        The zip.
    scenario
        The scenario file, put in as ``scenario.toml``.
    inputs
        Folder of input tables; files of kinds that a bundle may hold are put in under ``inputs/``.
    """
    members = dict(_members(folder.path, scenario, inputs))
    manifest = {
        "version": BUNDLE_VERSION,
        "files": {n: {"sha256": _sha256(p), "size": p.stat().st_size} for n, p in sorted(members.items())},
    }
    text = json.dumps(manifest, sort_keys=True, indent=1) + "\n"
    with whole_file(target) as partial, zipfile.ZipFile(partial, "w") as out:
        out.writestr(_info(MANIFEST), text.encode())
        for name, path in sorted(members.items()):
            with path.open("rb") as source, out.open(_info(name), "w", force_zip64=True) as sink:
                shutil.copyfileobj(source, sink, _CHUNK)
    return target


def _members(run: Path, scenario: Path | None, inputs: Path | None) -> Iterator[tuple[str, Path]]:
    """Names in the bundle and the files behind them."""
    for name in (OUTCOME_FILE, TIMING_FILE):
        if (run / name).is_file():
            yield name, run / name
    if scenario is not None:
        yield SCENARIO, scenario
    for kind, suffix in (("tables", ".csv"), ("series", ".parquet")):
        for path in sorted((run / kind).glob(f"*{suffix}")):
            yield f"{kind}/{path.name}", path
    if inputs is not None:
        for path in sorted(inputs.rglob("*")):
            name = f"inputs/{path.relative_to(inputs).as_posix()}"
            if path.is_file() and not path.is_symlink() and _ALLOWED.fullmatch(name):
                yield name, path


def _info(name: str) -> zipfile.ZipInfo:
    """A member whose header holds nothing of the day or the machine."""
    info = zipfile.ZipInfo(name, _FIXED_TIME)
    info.compress_type = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def _sha256(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def read_bundle(
    source: Path, into: Path, limits: BundleLimits | None = None
) -> tuple[RunFolder | None, tuple[Finding, ...]]:
    """Unpack a bundle into the new folder ``into`` and check all of it.

    Names, sizes, ratios, hashes, outcome and series are checked; nothing is left behind when any of
    it is wrong. Nothing in it is executed.

    Returns
    -------
    RunFolder or None
        The run; ``None`` when any finding is an error.
    findings
        Everything that is wrong, at once where possible.
    """
    limits = limits if limits is not None else BundleLimits()
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        return None, (_error("target", f"the folder {into.name} is there already", "name a new folder"),)
    staging = into.with_name(f".{into.name}.{uuid4().hex[:8]}.partial")
    try:
        with zipfile.ZipFile(source) as zipped:
            findings = _name_findings(zipped.infolist(), limits)
            if not findings:
                findings = _unpack(zipped, staging, limits)
        if not has_errors(findings):
            findings += _content_findings(staging)
        if has_errors(findings):
            return None, tuple(findings)
        if into.exists():
            into.rmdir()
        staging.replace(into)
        return RunFolder(into), tuple(findings)
    except FileNotFoundError:
        return None, (_error("file", f"there is no file {source.name}", "check the name"),)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError) as error:
        message = f"not readable as a zip ({type(error).__name__})"
        return None, (_error("zip", message, "send it again, in binary"),)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _error(rule: str, message: str, remedy: str = "export the run again", where: str = "bundle") -> Finding:
    """One finding about a bundle."""
    return Finding(f"results.bundle.{rule}", "error", where, message, remedy=remedy)


def _name_findings(members: Sequence[zipfile.ZipInfo], limits: BundleLimits) -> list[Finding]:
    """Findings on names and declared sizes, before a byte is unpacked."""
    if len(members) > limits.files:
        return [_error("files", f"{len(members):,} files; at most {limits.files:,} are taken")]
    findings: list[Finding] = []
    seen: set[str] = set()
    for m in members:
        findings += _member_findings(m, limits)
        if m.filename.lower() in seen:
            findings.append(_error("twice", f"{m.filename[:80]!r} is there twice"))
        seen.add(m.filename.lower())
    total = sum(m.file_size for m in members)
    if total > limits.total_bytes:
        message = f"it unpacks to {total:,} bytes; at most {limits.total_bytes:,} are taken"
        findings.append(_error("size", message))
    if not findings and MANIFEST not in seen:
        findings.append(_error("manifest", f"it holds no {MANIFEST}"))
    return findings


def _member_findings(m: zipfile.ZipInfo, limits: BundleLimits) -> Iterator[Finding]:
    """Findings on one member."""
    shown = repr(m.filename[:80])
    if not _ALLOWED.fullmatch(m.filename) or ".." in PurePosixPath(m.filename).parts:
        yield _error("name", f"{shown} is no file that a bundle holds")
    if stat.S_IFMT(m.external_attr >> 16) not in {0, stat.S_IFREG}:
        yield _error("kind", f"{shown} is no plain file")
    if m.flag_bits & _ENCRYPTED:
        yield _error("encrypted", f"{shown} is encrypted", "export without a password")
    if m.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        yield _error("compression", f"{shown} is packed in a way that is not taken")
    if m.file_size > limits.file_bytes:
        yield _error("size", f"{shown} unpacks to {m.file_size:,} bytes; at most {limits.file_bytes:,}")
    times = m.file_size / max(1, m.compress_size)
    if m.file_size > limits.ratio_from_bytes and times > limits.ratio:
        yield _error("ratio", f"{shown} unpacks to {times:,.0f} times its size")


def _unpack(zipped: zipfile.ZipFile, staging: Path, limits: BundleLimits) -> list[Finding]:
    """Unpack files that the manifest names and check their hashes; sizes are counted, not believed."""
    files = _manifest(zipped, limits)
    if isinstance(files, Finding):
        return [files]
    names = {m.filename for m in zipped.infolist()} - {MANIFEST}
    findings = [
        _error("missing", f"{n} stands in the manifest, but is not there") for n in sorted(set(files) - names)
    ]
    findings += [_error("extra", f"{n} does not stand in the manifest") for n in sorted(names - set(files))]
    if findings:
        return findings
    room = limits.total_bytes
    for name in sorted(names):
        path = staging.joinpath(*PurePosixPath(name).parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with zipped.open(name) as member, path.open("xb") as out:
            while chunk := member.read(_CHUNK):
                size += len(chunk)
                if size > min(limits.file_bytes, room):
                    return [_error("size", f"{name} unpacks to more than its header says")]
                digest.update(chunk)
                out.write(chunk)
        room -= size
        if digest.hexdigest() != files[name]:
            findings.append(_error("hash", f"{name} is not what was put in: its sha256 differs"))
    return findings


def _manifest(zipped: zipfile.ZipFile, limits: BundleLimits) -> dict[str, str] | Finding:
    """sha256 by file name, or what is wrong with the manifest."""
    with zipped.open(MANIFEST) as member:
        raw = member.read(limits.files * 400)
    try:
        content: Any = json.loads(raw)
        files = {str(n): str(f["sha256"]) for n, f in content["files"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return _error("manifest", f"{MANIFEST} does not parse")
    if content.get("version") != BUNDLE_VERSION:
        return _error("version", f"{MANIFEST} is not of version {BUNDLE_VERSION}", "export with this version")
    return files


def _content_findings(staging: Path) -> list[Finding]:
    """Findings on outcome and series, read as a report would read them."""
    folder = RunFolder(staging)
    try:
        outcome = folder.outcome()
        return results_of(outcome.study).check_series(folder, outcome)
    except InputError as error:
        return list(error.findings)
