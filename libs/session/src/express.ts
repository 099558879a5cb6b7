/**
 * `session` and `sessionID` of Express requests, typed by `import 'nest-gatehouse/session/express'`. The entry
 * `nest-gatehouse/session/express`; what a session holds is declared by adding to its `SessionData`.
 */
import type { Session } from './session.types.js';

export type { SessionData } from './session.types.js';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- that of Express
  namespace Express {
    interface Request {
      /** Undefined once it was destroyed, and where the route has none. */
      session: Session;
      /** The public handle. */
      sessionID: string;
    }
  }
}
