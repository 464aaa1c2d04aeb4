"""The search index beside SQLite FTS5 and tantivy, on one corpus, with one set of queries, in one run.

    python bench/search.py docs.jsonl queries.json qrels.json --count 100000 [--peers] [--keep FOLDER] [--add 40]

`docs.jsonl` holds one resource a line (id, title, body, tags, subject, grade, campus, type, term, author, visibility, created);
queries.json and qrels.json are the queries and the ids that each should find. A full answer is measured: filter by rights, filters,
the first hits with snippets, counts of facets. Each index is built in a process of its own, and the memory is that of a fresh process
which opens our index and asks everything. What was built stays in `--keep` and is taken from there next time. tantivy is asked only where it
is installed.
"""

import argparse
import json
import math
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))

from search_engines import ENGINES, Engine, Row

from search import analysis


def percentile(values: list[float], part: float) -> float:
    """The value that `part` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, math.ceil(len(values) * part) - 1)]


def memory() -> dict[str, int]:
    """What this process has in memory, in MB: all of it, and without the pages of files, which others may take back."""
    status = Path("/proc/self/status").read_text()
    kinds = {"all": "VmRSS:", "own": "RssAnon:"}
    return {kind: int(status.split(name)[1].split()[0]) // 1024 for kind, name in kinds.items()}


def quality(answers: dict[str, list[int]], wanted: dict[str, list[int]]) -> tuple[float, float]:
    """Recall among the first ten, and the mean reciprocal rank."""
    recalls, ranks = [], []
    for name, ids in wanted.items():
        if ids:
            found = answers[name][:10]
            recalls.append(len(set(ids) & set(found)) / min(10, len(ids)))
            ranks.append(next((1 / at for at, id in enumerate(found, start=1) if id in ids), 0.0))
    return sum(recalls) / len(recalls), sum(ranks) / len(ranks)


def measure(engines: list[Engine], queries: list[Row], wanted: dict[str, list[int]], rounds: int) -> None:
    """Ask every engine every query, turn by turn, so that a busy machine slows all alike."""
    times: dict[str, list[float]] = {engine.name: [] for engine in engines}
    works: dict[str, list[float]] = {engine.name: [] for engine in engines}
    answers: dict[str, dict[str, list[int]]] = {engine.name: {} for engine in engines}
    for turn in range(rounds + 1):
        for engine in engines:
            for asked in queries:
                began, worked = time.perf_counter(), time.process_time()
                found = engine.search(asked)
                if turn:
                    times[engine.name].append((time.perf_counter() - began) * 1000)
                    works[engine.name].append((time.process_time() - worked) * 1000)
                answers[engine.name][asked["id"]] = found
    for engine in engines:
        recall, rank = quality(answers[engine.name], wanted)
        told = {"engine": engine.name, "recall@10": round(recall, 3), "mrr": round(rank, 3)}
        for name, values in (("ms", times[engine.name]), ("cpu_ms", works[engine.name])):
            told |= {f"{name}_p{round(part * 100)}": round(percentile(values, part), 2) for part in (0.5, 0.95, 0.99)}
        print(json.dumps(told), flush=True)
        missed = [name for name, ids in wanted.items() if ids and not set(ids) <= set(answers[engine.name][name][:10])]
        print("  missed:", ", ".join(missed) or "nothing", flush=True)


def build(name: str, folder: Path, documents: Path, count: int) -> None:
    """Index everything and say how quickly."""
    warm_up()
    folder.mkdir(parents=True)
    began, worked = time.perf_counter(), time.process_time()
    ENGINES[name](folder).build(rows(documents, 0, count))
    took, work = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) // 1024**2
    told = {"engine": name, "per_s": round(count / took), "per_cpu_s": round(count / work)}
    print(json.dumps({**told, "peak_mb": peak, "size_mb": size}), flush=True)


def measure_memory(folder: Path, queries: list[Row]) -> None:
    """What a process has in memory that searches and does nothing else."""
    engine = ENGINES["tongke"](folder)
    before = memory()
    engine.open()
    opened = memory()
    for asked in queries * 2:
        engine.search(asked)
    print(json.dumps({"memory_mb": {"at_first": before, "opened": opened, "asked": memory()}}), flush=True)


def measure_adding(engine: Engine, more: list[Row]) -> None:
    """From a change until it is found."""
    times = []
    for row in more:
        began = time.perf_counter()
        engine.add({**row, "title": f"zzq{row['id']} {row['title']}", "visibility": "group"})
        asked = {"q": f"zzq{row['id']}", "phrase": False, "filters": {}, "user": {"id": "t0001", "campuses": ["c1"]}}
        found = engine.search(asked)
        times.append((time.perf_counter() - began) * 1000)
        if found[:1] != [row["id"]]:
            print("  NOT FOUND", row["id"], found)
    told = {"engine": engine.name, "add_ms_p50": round(percentile(times, 0.5), 1), "add_ms_max": round(max(times), 1)}
    print(json.dumps(told), flush=True)


def rows(documents: Path, first: int, last: int) -> Iterator[Row]:
    """The resources of some lines."""
    with documents.open(encoding="utf-8") as file:
        for line in islice(file, first, last):
            yield json.loads(line)


def warm_up() -> None:
    """Load the dictionary of pinyin."""
    analysis.syllables("预热")
    analysis.readings("yure")


def apart(task: Callable[..., None], *given: Any) -> None:
    """Do it in a fresh process."""
    process = multiprocessing.get_context("spawn").Process(target=task, args=given)
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(process.exitcode)


def main() -> None:
    """Build, ask, add; one JSON line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("wanted", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is asked every query")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder that keeps what was built")
    parser.add_argument("--add", type=int, default=0, help="so many more are added to a copy, one by one")
    given = parser.parse_args()
    names = [name for name in ENGINES if name == "tongke" or (given.peers and (name != "tantivy" or find_spec(name)))]
    queries = json.loads(given.queries.read_text(encoding="utf-8"))
    wanted = json.loads(given.wanted.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        folder = (given.keep or Path(scratch)) / str(given.count)
        for name in names:
            if not (folder / name).exists():
                apart(build, name, folder / name, given.documents, given.count)
        apart(measure_memory, folder / "tongke", queries)
        warm_up()
        engines: list[Engine] = [ENGINES[name](folder / name) for name in names]
        for engine in engines:
            engine.open()
        measure(engines, queries, wanted, given.rounds)
        if given.add:
            more = [{**row, "id": row["id"] + given.count} for row in rows(given.documents, 0, given.add)]
            for name in names:
                copy = Path(shutil.copytree(folder / name, Path(scratch) / "copies" / name, symlinks=True))
                engine = ENGINES[name](copy)
                engine.open()
                measure_adding(engine, more)


if __name__ == "__main__":
    main()
