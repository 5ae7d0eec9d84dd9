/** A row of the table of errors, and the kinds that most rows are of. */
export interface Row {
  readonly message: string;
  /** What is said instead to whoever asks over the network: no address, no path, nobody's process. */
  readonly outside?: string;
  readonly status: number;
  readonly exit: number;
  readonly retryable: boolean;
}

export const bad = (message: string, status = 400): Row => ({ message, status, exit: 2, retryable: false });
export const unauthorized = (message: string): Row => bad(message, 401);
export const missing = (message: string): Row => ({ message, status: 404, exit: 3, retryable: false });
export const conflict = (message: string): Row => ({ message, status: 409, exit: 4, retryable: true });
/** A conflict that trying again does not end: something else has to be asked for. */
export const settled = (message: string): Row => ({ ...conflict(message), retryable: false });
export const unavailable = (message: string): Row => ({ message, status: 503, exit: 5, retryable: true });
export const broken = (message: string): Row => ({ message, status: 500, exit: 1, retryable: false });

/** A row with other words for the network. */
export const told = (row: Row, outside: string): Row => ({ ...row, outside });
