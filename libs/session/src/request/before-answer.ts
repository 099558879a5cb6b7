import { type Awaitable, whenReady } from 'nest-gatehouse/common';
import type { SessionRecord } from '../storage/session-record.js';
import type { RequestSession } from './request-session.js';
import { LIFE, type SessionBearer } from './request-slot.js';
import type { SessionAnswer } from './session-answer.js';

/**
 * The session in the store that a request has opened or made; null without one, and once the request has ended it. Reads
 * no data, and costs nothing.
 */
export function storedSessionOf(request: object): Pick<SessionRecord, 'handle' | 'absoluteExpiresAt'> | null {
  return (request as SessionBearer)[LIFE]?.record ?? null;
}

/**
 * Holds the answer back until `work` is done; it is called once, when the status is known and the session is saved. A
 * client that leaves before that gets no answer, and `work` no call.
 *
 * @param work must not throw
 * @returns false for a request without a session of this library, such as an excluded one: `work` is never called
 */
export function beforeAnswer(request: object, work: (status: number) => Awaitable<void>): boolean {
  const life = (request as SessionBearer)[LIFE];
  if (!life) return false;
  life.state.beforeAnswer = work;
  return true;
}

/** Commits the session, and then does what `beforeAnswer` was given. Never throws. */
export function commitBeforeAnswer(life: RequestSession, status: number): Awaitable<SessionAnswer> {
  const committed = life.commit(status);
  const { beforeAnswer: work } = life.state;
  if (!work) return committed;
  return whenReady(committed, (answer) =>
    whenReady(work(answer.problem?.getStatus() ?? status), (): SessionAnswer => answer),
  );
}
