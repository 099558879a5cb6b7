import type { ProblemException } from 'nest-gatehouse/common';

/** What the answer to a request must carry. */
export interface SessionAnswer {
  readonly setCookie?: string;
  /** The token, for the header transport; empty if the session has ended. */
  readonly token?: string;
  /** The answer belongs to one session: it gets `Cache-Control: no-store` unless the handler has set another one. */
  readonly noStore?: boolean;
  /** This problem replaces the answer, because what the handler did was not saved. */
  readonly problem?: ProblemException;
}
