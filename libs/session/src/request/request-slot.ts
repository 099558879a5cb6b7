import type { RequestSession } from './request-session.js';
import type { Session } from '../session.types.js';

/** The property under which a request carries its `RequestSession`. */
export const LIFE = Symbol('gatehouse:session');

export interface SessionBearer {
  [LIFE]?: RequestSession | null;
}

export function readSession(bearer: SessionBearer): Session | undefined {
  return bearer[LIFE]?.session;
}

/**
 * `req.session = null` ends the session with the answer; any other value is refused, because data would be lost
 * silently.
 */
export function writeSession(bearer: SessionBearer, value: unknown): void {
  if (value !== null && value !== undefined) {
    throw new TypeError(
      'req.session cannot be replaced; set its values, or call req.session.regenerate() for an empty one.',
    );
  }
  bearer[LIFE]?.endWithAnswer();
}

/** Whether `SessionModule` is bound to the application of this request, which may all the same have no session. */
export function isBound(bearer: SessionBearer): boolean {
  return LIFE in bearer;
}

export function readSessionId(bearer: SessionBearer): string | undefined {
  return bearer[LIFE]?.session?.id;
}

// The same function objects for every request, so that all requests share one hidden class in V8.
const SESSION: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: SessionBearer) {
    return readSession(this);
  },
  set(this: SessionBearer, value: unknown) {
    writeSession(this, value);
  },
};
const SESSION_ID: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: SessionBearer) {
    return readSessionId(this);
  },
};

/** `session` and `sessionID` on a request, or on the prototype of all of them. */
export function defineSessionAccessors(target: SessionBearer): void {
  target[LIFE] ??= null;
  // One by one takes half the time of `Object.defineProperties`.
  Object.defineProperty(target, 'session', SESSION);
  Object.defineProperty(target, 'sessionID', SESSION_ID);
}
