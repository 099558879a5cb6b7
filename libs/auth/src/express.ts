/**
 * `session`, `sessionID` and `user` of Express requests, typed by `import 'nest-gatehouse/auth/express'`. The entry
 * `nest-gatehouse/auth/express`.
 */
import 'nest-gatehouse/session/express';
import type { SignedInUser } from './storage/user-record.js';

export type { SessionData } from 'nest-gatehouse/session/express';
export type { SignedInUser } from './storage/user-record.js';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- that of Express, which passport adds to as well
  namespace Express {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its own name has been passport's before
    interface User extends SignedInUser {}

    interface Request {
      /** Who is signed in, once the guards have run; undefined on `@Public()` routes. */
      user?: User | undefined;
    }
  }
}
