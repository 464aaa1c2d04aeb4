// The page of a long job: asks now and then how far it has come, and goes on once it has ended.

interface Told {
  ended: boolean;
  percent: number | null;
  doing: string;
}

const SOON = 500;
const LATER = 3000;

const job = document.getElementById("job");
const bar = document.getElementById("job-progress");
const words = document.getElementById("job-doing");

function show(told: Told): void {
  if (words && told.doing && words.textContent !== told.doing) words.textContent = told.doing;
  if (!(bar instanceof HTMLProgressElement)) return;
  if (told.percent === null) bar.removeAttribute("value");
  else bar.value = told.percent;
}

async function watch(progress: string, page: string): Promise<void> {
  let pause = SOON;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    try {
      const answer = await fetch(progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = (await answer.json()) as Told;
      show(told);
      if (told.ended) {
        location.replace(page);
        return;
      }
      pause = SOON;
    } catch {
      pause = LATER; // the line is down for a moment, or the server is starting again
    }
  }
}

const { progress, page } = job?.dataset ?? {};
if (progress && page) void watch(progress, page);
