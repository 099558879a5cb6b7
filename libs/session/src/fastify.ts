/**
 * `session` and `sessionID` of Fastify requests, typed by `import 'nest-gatehouse/session/fastify'`. The entry
 * `nest-gatehouse/session/fastify`; what a session holds is declared by adding to its `SessionData`.
 */
import type { DefaultSessionData } from './session-data.types.js';
import type { Session as SessionOf } from './session.types.js';

export type { SessionData } from './session.types.js';

/** What plugins for `@fastify/session` call: `get` and `set` are `session[key]`. */
interface FastifySessionMethods {
  get<K extends keyof DefaultSessionData>(key: K): Partial<DefaultSessionData>[K];
  set<K extends keyof DefaultSessionData>(key: K, value: DefaultSessionData[K]): void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined once it was destroyed, and where the route has none. */
    session: SessionOf & FastifySessionMethods;
    /** The public handle. */
    sessionID: string;
  }
}
