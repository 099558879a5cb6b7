/**
 * `session`, `sessionID` and `user` of Fastify requests, typed by `import 'nest-gatehouse/auth/fastify'`. The entry
 * `nest-gatehouse/auth/fastify`.
 */
import 'nest-gatehouse/session/fastify';
import type { SignedInUser } from './storage/user-record.js';

export type { SessionData } from 'nest-gatehouse/session/fastify';
export type { SignedInUser } from './storage/user-record.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in, once the guards have run; undefined on `@Public()` routes. */
    user?: SignedInUser | undefined;
  }
}
