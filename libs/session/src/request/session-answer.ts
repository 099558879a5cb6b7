import type { ProblemException } from 'nest-gatehouse/common';

/** What the answer to a request must carry. */
export interface SessionAnswer {
  readonly setCookie?: string;
  /** The token, for the header transport; empty: the session is over. */
  readonly token?: string;
  /** The answer belongs to one session: `Cache-Control: no-store` unless the handler says otherwise. */
  readonly noStore?: boolean;
  /** The answer must be this instead, because what the handler did was not saved. */
  readonly problem?: ProblemException;
}
