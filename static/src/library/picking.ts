/** Files out of a drop or an input, those in folders included. */

import type { Handle } from "./records";
import type { Picked } from "./uploads";

const IGNORED = /^(\.|~\$|Thumbs\.db$|desktop\.ini$|__MACOSX$)/i;
const MOST = 500;

/** What was dropped. Has to be called while the event is being handled: the browser forgets it afterwards. */
export async function dropped(transfer: DataTransfer): Promise<Picked[]> {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile(), handle: handleOf(item) }));
  const picked: Picked[] = [];
  for (const { entry, file, handle } of found) {
    if (entry?.isDirectory) await walk(entry as FileSystemDirectoryEntry, picked);
    else if (file) picked.push({ file, handle: await handle });
  }
  return picked.slice(0, MOST);
}

/** What was chosen in an input; files that a folder holds for the system only are left out. */
export function chosen(input: HTMLInputElement): Picked[] {
  return [...(input.files ?? [])]
    .filter((file) => !IGNORED.test(file.name))
    .slice(0, MOST)
    .map((file) => ({ file }));
}

type WithHandle = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };

async function handleOf(item: WithHandle): Promise<Handle | undefined> {
  const handle = await item.getAsFileSystemHandle?.().catch(() => null);
  return handle?.kind === "file" ? (handle as Handle) : undefined;
}

async function walk(folder: FileSystemDirectoryEntry, picked: Picked[]): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0 || picked.length >= MOST) return;
    for (const entry of some) {
      if (IGNORED.test(entry.name)) continue;
      if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, picked);
      else picked.push({ file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)) });
    }
  }
}
