/** The sha256 of a file, worked out beside the page. */

const waiting = new Map<number, { resolve: (sha256: string) => void; reject: (reason: Error) => void }>();
let worker: Worker | undefined;
let last = 0;

export interface Asked {
  readonly id: number;
  readonly file: Blob;
}

export interface Answered {
  readonly id: number;
  readonly sha256?: string;
  readonly fault?: string;
}

function theWorker(): Worker {
  if (worker) return worker;
  worker = new Worker(new URL("./checksum_worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Answered>) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.sha256) asked?.resolve(data.sha256);
    else asked?.reject(new Error(data.fault));
  };
  worker.onerror = () => {
    for (const asked of waiting.values()) asked.reject(new Error("worker"));
    waiting.clear();
  };
  return worker;
}

/** The sha256 as 64 hexadecimal digits. Rejects when the file cannot be read any more. */
export function checksum(file: Blob): Promise<string> {
  const id = (last += 1);
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    theWorker().postMessage({ id, file } satisfies Asked);
  });
}
