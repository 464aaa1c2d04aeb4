/** Reads files piece by piece and works out their sha256: pages that came without https have no crypto of the browser's own. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Answered, Asked } from "./checksum";

const PIECE = 4 * 2 ** 20;

async function of(file: Blob): Promise<string> {
  const digest = sha256.create();
  for (let start = 0; start < file.size; start += PIECE) {
    digest.update(new Uint8Array(await file.slice(start, start + PIECE).arrayBuffer()));
  }
  return bytesToHex(digest.digest());
}

let before: Promise<unknown> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<Asked>) => {
  before = before.then(async () => {
    try {
      self.postMessage({ id: data.id, sha256: await of(data.file) } satisfies Answered);
    } catch (fault) {
      self.postMessage({ id: data.id, fault: String(fault) } satisfies Answered);
    }
  });
};
