// 网络和设备检测: measures one thing after the other, has the server say what it means, and keeps it for the room.

import { byId } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { playTone, stop } from "./checking_devices";
import { aboutThisComputer, addressesBelow, type Finding, judge, measureAll } from "./measuring";

const ROOM_KEY = "tongke.check.room";

const page = byId("check");
const begin = byId("check-begin") as HTMLButtonElement;
const room = document.getElementById("check-room") as HTMLSelectElement | null;
const addresses = addressesBelow(location.pathname);
const measured = aboutThisComputer();

function rowOf(key: string): HTMLElement | null {
  return page.querySelector<HTMLElement>(`[data-check="${key}"]`);
}

function say(key: string, sentence: string): void {
  const words = rowOf(key)?.querySelector("[data-sentence]");
  if (words) words.textContent = sentence;
}

/** Runs one measurement; its row says so meanwhile. */
async function measuring<Result>(key: string, run: () => Promise<Result>): Promise<Result> {
  const row = rowOf(key);
  row?.classList.add("check-running");
  say(key, _("正在测…"));
  try {
    return await run();
  } finally {
    row?.classList.remove("check-running");
    say(key, _("测好了"));
  }
}

function grades(): Record<Finding["grade"], [string, SVGElement]> {
  return {
    good: [_("正常"), icon("circle-check")],
    fair: [_("可以更好"), icon("alert-triangle")],
    bad: [_("要处理"), icon("circle-x")],
    unknown: [_("没有测"), icon("help-circle")],
  };
}

function show(finding: Finding): void {
  const row = rowOf(finding.key);
  if (!row) return;
  row.classList.remove("check-good", "check-fair", "check-bad", "check-unknown");
  row.classList.add(`check-${finding.grade}`);
  say(finding.key, finding.sentence);
  const advice = row.querySelector<HTMLElement>("[data-advice]");
  if (advice) {
    advice.textContent = finding.advice;
    advice.hidden = !finding.advice;
  }
  const [words, picture] = grades()[finding.grade];
  const grade = row.querySelector("[data-grade]");
  if (grade) grade.textContent = words;
  row.querySelector(".check-mark")?.replaceChildren(picture);
}

function roomChosen(): number | null {
  return room?.value ? Number(room.value) : null;
}

async function showJudgement(): Promise<void> {
  const said = await judge(page.dataset["judge"] ?? "", addresses.token, { measured, room: roomChosen() });
  said.findings.forEach(show);
  byId("check-level").dataset["level"] = String(said.level);
  byId("check-words").textContent = _("这里{words}", { words: said.words });
  byId("check-kept").textContent = said.kept ? _("结果已存在这间教室名下。") : _("结果没有存下来。");
  const history = byId("check-history") as HTMLAnchorElement;
  history.hidden = !said.kept;
  history.href = (page.dataset["history"] ?? "").replace(/0$/, String(roomChosen() ?? 0));
  byId("check-result").hidden = false;
}

/** What is said when the line is lost in the middle: nothing is wrong with the page. */
async function judgeOrSay(): Promise<void> {
  try {
    await showJudgement();
  } catch (problem) {
    byId("check-words").textContent = _("结果没有送到");
    byId("check-kept").textContent =
      (problem instanceof Error && !(problem instanceof TypeError) && problem.message) || _("网络断开了。连上以后再测一次。");
    byId("check-result").hidden = false;
  }
}

async function checkAll(): Promise<void> {
  begin.disabled = true;
  byId("check-result").hidden = true;
  await measureAll(
    {
      addresses,
      ice: JSON.parse(page.dataset["ice"] ?? "[]") as RTCIceServer[],
      cameras: byId("check-cameras"),
      meter: byId("check-meter") as HTMLMeterElement,
      around: measuring,
    },
    measured,
  );
  await judgeOrSay();
  begin.disabled = false;
  begin.replaceChildren(icon("refresh"), _("再测一次"));
  byId("check-words").focus();
}

async function tryTone(): Promise<void> {
  await playTone();
  byId("check-heard").hidden = false;
}

begin.addEventListener("click", () => void checkAll());
byId("check-tone").addEventListener("click", () => void tryTone());

byId("check-heard").addEventListener("click", ({ target }) => {
  const heard = target instanceof Element ? target.closest<HTMLElement>("[data-heard]")?.dataset["heard"] : undefined;
  if (!heard) return;
  measured["speaker"] = heard;
  byId("check-heard").hidden = true;
  say("speaker", heard === "heard" ? _("听得到声音。") : _("听不到声音。看看音箱电源和音量。"));
  if (!byId("check-result").hidden) void judgeOrSay();
});

room?.addEventListener("change", () => {
  localStorage.setItem(ROOM_KEY, room.value);
});

function chooseRoom(): void {
  const wanted = new URLSearchParams(location.search).get("room") ?? localStorage.getItem(ROOM_KEY) ?? "";
  if (room && [...room.options].some((option) => option.value === wanted)) room.value = wanted;
}

chooseRoom();
window.addEventListener("pagehide", () => stop(byId("check-cameras")));
