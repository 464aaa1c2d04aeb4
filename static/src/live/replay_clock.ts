/**
 * What a replay counts by: the seconds of the event log, which begin with the opening of the room. Films show some of them; a clock of
 * its own counts where there is none.
 */

/** A stretch of the log in a film: from `second` of the log for `length` seconds, at `at` of the film. */
export interface Take {
  readonly second: number;
  readonly at: number;
  readonly length: number;
}

/** The take that shows a second of the log; null where the film has a gap. */
export function takeAt(takes: readonly Take[], second: number): Take | null {
  return takes.find((take) => take.second <= second && second < take.second + take.length) ?? null;
}

/** The second of the log that a film shows at a place of its own. */
export function secondAt(takes: readonly Take[], place: number): number {
  const take = takes.findLast((each) => each.at <= place) ?? takes[0];
  return take ? take.second + Math.min(Math.max(0, place - take.at), take.length) : place;
}

/** A clock that runs while it is asked to, at a speed. */
export class Clock {
  private from = 0;
  private since: number | null = null;
  private rate = 1;

  constructor(private readonly milliseconds: () => number) {}

  get second(): number {
    return this.since === null ? this.from : this.from + ((this.milliseconds() - this.since) / 1000) * this.rate;
  }

  get runs(): boolean {
    return this.since !== null;
  }

  run(): void {
    this.since ??= this.milliseconds();
  }

  stop(): void {
    this.from = this.second;
    this.since = null;
  }

  seek(second: number): void {
    this.from = second;
    if (this.since !== null) this.since = this.milliseconds();
  }

  set speed(rate: number) {
    this.seek(this.second);
    this.rate = rate;
  }
}
