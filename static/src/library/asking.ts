/** Asking the server, and what can go wrong on the way. */

import { _ } from "../shared/words";

/** The server said no, with a sentence. `code` is for programs. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 0,
  ) {
    super(message);
  }
}

/** The line is down, or the server is: it is tried again. */
export class Unreachable extends Error {}

/** Somebody paused or cancelled it. */
export class Stopped extends Error {}

/** Asks the server for JSON; with `body`, posts it. */
export async function ask<T>(address: string, signal: AbortSignal, body?: unknown): Promise<T> {
  const answer = await fetch(address, { signal, ...(body === undefined ? READING : posting(body)) }).catch(() => {
    throw signal.aborted ? new Stopped() : new Unreachable(_("网络断了，连上后自动继续。"));
  });
  if (answer.ok) return (await answer.json()) as T;
  throw refusal(answer, (await answer.json().catch(() => ({}))) as Said);
}

interface Said {
  readonly error?: string;
  readonly message?: string;
}

const READING: RequestInit = { headers: { Accept: "application/json" } };

function posting(body: unknown): RequestInit {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
  return {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  };
}

function refusal(answer: Response, said: Said): Error {
  if (answer.status >= 500) return new Unreachable(_("服务器正忙，稍后自动继续。"));
  if (said.error === "store" || said.error === "too_many") return new Unreachable(said.message);
  return new Refused(said.error ?? "", said.message ?? _("上传没有成功，请再试一次。"), answer.status);
}

const SILENCE = 60_000;

/** Sends a part; `told` hears how many bytes have left. */
export function put(address: string, part: Blob, signal: AbortSignal, told: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new Stopped());
      return;
    }
    const request = new XMLHttpRequest();
    let silence: ReturnType<typeof setTimeout>;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE);
    };
    const stop = () => request.abort();
    signal.addEventListener("abort", stop);
    request.upload.onprogress = ({ loaded }) => {
      heard();
      told(loaded);
    };
    request.onloadend = () => {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(signal.aborted ? new Stopped() : fault(request.status));
    };
    request.open("PUT", address);
    heard();
    request.send(part);
  });
}

function fault(status: number): Error {
  if (status === 0) return new Unreachable(_("网络断了，连上后自动继续。"));
  if (status === 507) return new Unreachable(_("服务器的存储空间满了，稍后自动再试；请告诉管理员。"));
  if (status >= 500) return new Unreachable(_("服务器正忙，稍后自动继续。"));
  if (status === 413) return new Refused("too_large", _("中间的服务器不让这么大的数据通过（413），请告诉管理员。"), status);
  return new Refused("part", _("这一部分没有被收下，请再试一次。"), status);
}
