/** The part of a Socket.IO socket that plans and live rooms use. */
export interface Line {
  readonly connected: boolean;
  readonly active: boolean;
  on(event: string, listener: (...values: never[]) => void): unknown;
  emit(event: string, ...values: unknown[]): unknown;
  connect(): unknown;
  disconnect(): unknown;
}
