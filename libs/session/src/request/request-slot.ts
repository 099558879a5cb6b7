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
function writeSession(bearer: SessionBearer, value: unknown): void {
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

/**
 * What an assignment to `session` or `sessionID` of `request` does. A request whose path is excluded has no session of
 * ours, so the property is an ordinary one, for another library's session. @param bearer has our session
 */
export function assignTo(request: object, bearer: SessionBearer, name: 'session' | 'sessionID', value: unknown): void {
  if (bearer[LIFE] === undefined)
    Object.defineProperty(request, name, { configurable: true, enumerable: true, writable: true, value });
  else if (name === 'session') writeSession(bearer, value);
  else throw new TypeError('req.sessionID cannot be set; call req.session.regenerate() for a new one.');
}

// The same function objects for every request, so that all requests share one hidden class in V8.
const SESSION: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: SessionBearer) {
    return readSession(this);
  },
  set(this: SessionBearer, value: unknown) {
    assignTo(this, this, 'session', value);
  },
};
const SESSION_ID: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: SessionBearer) {
    return readSessionId(this);
  },
  set(this: SessionBearer, value: unknown) {
    assignTo(this, this, 'sessionID', value);
  },
};

/** `session` and `sessionID` on a request, or on the prototype of all of them. */
export function defineSessionAccessors(target: SessionBearer): void {
  target[LIFE] ??= null;
  // One by one takes half the time of `Object.defineProperties`.
  Object.defineProperty(target, 'session', SESSION);
  Object.defineProperty(target, 'sessionID', SESSION_ID);
}
