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
