"""The search over HTTP and in Chromium, with a big trial: `.venv/bin/python bench/search_http.py FOLDER queries.json qrels.json`.

FOLDER is a data folder that was filled so, with the documents of the benchmark:

    DATA_DIR=FOLDER python app.py migrate
    DATA_DIR=FOLDER flask --app app search load-corpus docs.jsonl --limit 100000 --password PASSWORD

The site runs in processes of its own. Each user of the queries signs in as people do; then every query is asked over one kept
connection, as often as `--rounds` says, by turns. `--one` asks all as one person. In Chromium, words are typed into the box of the top bar: from the last key
until its quick results stand there, the pause after the last key included.
"""

import argparse
import http.client
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
KINDS = {
    "教案": "lesson_plan", "课件": "slides", "试卷": "test_paper", "习题": "exercises", "微课": "micro_lesson",
    "导学案": "study_guide", "教学反思": "case", "素材": "material",
}  # fmt: skip
GRADES = [
    "一年级",
    "二年级",
    "三年级",
    "四年级",
    "五年级",
    "六年级",
    "七年级",
    "八年级",
    "九年级",
    "高一",
    "高二",
    "高三",
]
TYPED = ("静夜", "jingye", "李白", "长方", "Linux", "浣溪", "hxs", "秋")


class Site:
    """The site on the loaded folder."""

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "DATA_DIR": str(folder), "DATABASE_URL": "", "HOST": "127.0.0.1", "PORT": "0"}
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        said = ""
        while "http://" not in said:
            said += self._process.stdout.readline() if self._process.stdout else ""
        self.address = re.search(r"http://[\d.:]+", said)[0]  # type: ignore[index]

    def processor_seconds(self) -> float:
        """What the web process has used of the processor."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """MiB that the web process holds."""
        return float(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self._process.pid}/status").read_text())[1]) / 1024  # type: ignore[index]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def sign_in(address: str, login: str, password: str) -> str:
    """The cookie of somebody who signs in as people do."""
    with requests.Session() as session:
        token = re.search(r'name="csrf-token" content="([^"]+)"', session.get(f"{address}/sign-in").text)
        assert token
        sent = {"csrf_token": token[1], "login": login, "password": password}
        assert session.post(f"{address}/sign-in", data=sent, allow_redirects=False).status_code in (302, 303), login
        return f"session={session.cookies['session']}"


class Names:
    """What the queries call by names, by its number in the database."""

    def __init__(self, folder: Path) -> None:
        with sqlite3.connect(f"file:{folder / 'tongke.sqlite3'}?mode=ro", uri=True) as database:
            self.subjects = dict(database.execute("select name, id from subject"))
            self.campuses = {code.split("-")[-1]: id for code, id in database.execute("select code, id from campus")}
            self._places = dict(
                database.execute(
                    "select staff_number, campus_id from posting join person on person.id = posting.person_id"
                )
            )
            self._resources = {
                code: row
                for code, *row in database.execute(
                    "select code, visibility, campus_id, staff_number from resource join person on person.id = owner_id"
                )
            }
            self._code = next(iter(self._resources)).partition("d")[0] + "d"

    def readable(self, user: str, ids: list[int]) -> list[int]:
        """Those documents that somebody may read here: the benchmark's users work elsewhere than the authors they are called after."""

        def may(visibility: str, campus: int, owner: str) -> bool:
            return visibility == "group" or owner == user or (visibility == "campus" and campus == self._places[user])

        return [id for id in ids if may(*self._resources[f"{self._code}{id}"])]

    def parameters(self, query: dict[str, Any]) -> str:
        """A query of the benchmark as one of ours."""
        number = {
            "subject": self.subjects.__getitem__,
            "campus": self.campuses.__getitem__,
            "grade": lambda grade: GRADES.index(grade) + 1,
            "type": KINDS.__getitem__,
        }
        asked = [("q", f"“{query['q']}”" if query["phrase"] else query["q"]), ("kind", "resource")]
        for name, values in query["filters"].items():
            asked += [(name, number[name](value) if name in number else value) for value in values]
        return urlencode(asked)


def percentile(times: Iterable[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def told(name: str, times: list[float]) -> None:
    print(
        f"{name}: p50 {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms, "
        f"p99 {percentile(times, 0.99):.1f} ms ({len(times)} requests)"
    )


def ask(site: Site, queries: list[tuple[str, str, str]], rounds: int) -> tuple[list[float], dict[str, dict[str, Any]]]:
    """Milliseconds of each request after a first round, and the last answer to each query."""
    parts = urlsplit(site.address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    times, answers = [], {}
    for turn in range(rounds + 1):
        for id, address, cookie in queries:
            began = time.perf_counter()
            connection.request("GET", address, headers={"Cookie": cookie, "Accept": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
            if turn:
                times.append((time.perf_counter() - began) * 1000)
            assert answer.status == 200, body
            answers[id] = json.loads(body)
    return times, answers


def type_in_chromium(site: Site, cookie: str) -> list[float]:
    """Milliseconds from the last key until quick results for all that was typed stand there."""
    times = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        context.add_cookies([{"name": "session", "value": cookie.partition("=")[2], "url": site.address}])
        page = context.new_page()
        page.goto(f"{site.address}/")
        page.evaluate(
            """() => {
                const box = document.querySelector("#find");
                box.addEventListener("input", () => { window.began = performance.now(); window.took = null; });
                new MutationObserver(() => { window.took ??= performance.now() - window.began; })
                    .observe(document.querySelector(".offers"), { childList: true });
            }"""
        )
        for words in TYPED * 5:
            page.locator("#find").fill("")
            page.wait_for_timeout(80)
            page.locator("#find").press_sequentially(words, delay=25)
            page.wait_for_function(
                "words => window.took && document.querySelector('.offers').innerText.includes(words)", arg=words
            )
            times.append(page.evaluate("window.took"))
        browser.close()
    return times[len(TYPED) :]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("qrels", type=Path)
    parser.add_argument("--password", default="yiqibeike")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", action="store_true", help="all queries as one person, without relevance")
    given = parser.parse_args()
    asked = json.loads(given.queries.read_text(encoding="utf-8"))
    wanted = json.loads(given.qrels.read_text(encoding="utf-8"))
    names = Names(given.folder)
    site = Site(given.folder)
    try:
        cookies: dict[str, str] = {}
        for query in asked:
            user = asked[0]["user"]["id"] if given.one else query["user"]["id"]
            cookies[query["id"]] = next(
                (cookies[other["id"]] for other in asked if other["id"] in cookies and other["user"]["id"] == user), ""
            ) or sign_in(site.address, user, given.password)
        searches = [(q["id"], f"/api/v1/search?{names.parameters(q)}", cookies[q["id"]]) for q in asked]
        print(f"load of the machine {os.getloadavg()[0]:.1f}")
        before = site.processor_seconds()
        times, answers = ask(site, searches, given.rounds)
        used = site.processor_seconds() - before
        told("GET /api/v1/search", times)
        print(f"processor of the web: {1000 * used / len(searches) / (given.rounds + 1):.1f} ms a request")
        print(f"in the index: p50 {percentile((a['took_ms'] for a in answers.values()), 0.5)} ms")
        if not given.one:
            tell_relevance(answers, {q["id"]: names.readable(q["user"]["id"], wanted.get(q["id"], [])) for q in asked})
        offers = [(q["id"], f"/search/suggest?{urlencode({'q': q['q'][:4]})}", cookies[q["id"]]) for q in asked]
        told("GET /search/suggest", ask(site, offers, given.rounds)[0])
        print(f"memory of the web {site.memory():.0f} MiB")
        typed = type_in_chromium(site, next(iter(cookies.values())))
        print(
            f"quick results in Chromium after the last key: median {statistics.median(typed):.0f} ms, p95 {percentile(typed, 0.95):.0f} ms"
        )
    finally:
        site.stop()


def tell_relevance(answers: dict[str, dict[str, Any]], wanted: dict[str, list[int]]) -> None:
    """recall@10 and MRR as the benchmark judges them."""
    recalls, ranks = [], []
    for id, ids in wanted.items():
        if not ids:
            continue
        found = [int(hit["code"].rpartition("d")[2]) for hit in answers[id]["hits"][:10]]
        recalls.append(len(set(ids) & set(found)) / min(10, len(ids)))
        ranks.append(next((1 / place for place, each in enumerate(found, start=1) if each in ids), 0.0))
    print(f"recall@10 {statistics.mean(recalls):.3f}, MRR {statistics.mean(ranks):.3f}")


if __name__ == "__main__":
    main()
