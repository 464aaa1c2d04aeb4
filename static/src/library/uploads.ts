/** Uploads: what other parts of the page ask for. The tray (tray.ts) shows them, whoever asked. */

/** What a file is for. Without `plan` and `resource` it becomes a resource of one's own. */
export interface About {
  /** Code of the plan into which it is put, and there the id of the step. */
  readonly plan?: string;
  readonly step?: string;
  /** Or the gap in its text that waits for this picture: the `upload` of the node there. */
  readonly picture?: string;
  /** Code of the resource of which it is a new version. */
  readonly resource?: string;
  readonly title?: string;
  /** A ResourceKind, like "material". */
  readonly kind?: string;
  /** "personal" or "prep_group", the latter with the id of the prep group. */
  readonly visibility?: string;
  readonly prep_group?: number;
}

/**
 * Sends a file; resolves with the code of the resource once it is there. Rejects with a sentence for people (`Error.message`)
 * when it cannot be sent, or when somebody takes it out of the tray. `told` hears how far it has come, from 0 to 1.
 */
export function upload(file: File, about: About = {}, told?: (share: number) => void): Promise<{ code: string }> {
  void [file, about, told];
  return Promise.reject(new Error("not yet"));
}
