import { type Awaitable, isPromise, ProblemException, whenReady } from 'nest-gatehouse/common';
import type { SessionRecord } from '../storage/session-record.js';
import { parseToken, type SessionToken } from '../token/session-token.js';
import { AMBIGUOUS, presentedToken } from '../token/token-transport.js';
import type { RequestState } from './request-state.js';

/**
 * Reads the token and opens its session. Never throws: an error of the store is thrown when the session is used.
 */
export function openSession(state: RequestState): Awaitable<void> {
  const presented = presentedToken(state.engine.options, state.visitor.request.headers);
  if (presented === undefined) return;
  if (presented === AMBIGUOUS) {
    state.isAmbiguous = true;
    return state.copy.emitRefusal('duplicate', null);
  }
  const tokens = [presented].flat().map(parseToken);
  const [token] = tokens;
  if (!token) return state.copy.emitRefusal('malformed', null);
  try {
    const opened = tokens.length === 1 ? open(state, token) : openOneOf(state, tokens as SessionToken[]);
    return isPromise(opened) ? opened.catch((error: unknown) => openFailed(state, error)) : opened;
  } catch (error) {
    openFailed(state, error);
  }
}

function open(state: RequestState, token: SessionToken): Awaitable<void> {
  return whenReady(read(state, token), (record) => adopt(state, token, record));
}

function read({ engine }: RequestState, { handle }: SessionToken): Awaitable<SessionRecord | null> {
  return engine.ask('read', () => engine.storage.store.read(handle));
}

function adopt(state: RequestState, { handle, secret }: SessionToken, record: SessionRecord | null): Awaitable<void> {
  const { copy } = state;
  if (record === null) {
    state.isMissing = true;
    return copy.emitRefusal('unknown', handle);
  }
  const match = state.match(record, secret);
  if (match !== null) return copy.adopt(record, secret, match);
  // On a socket its secret may have been renewed since.
  if (!state.trail?.hasBegun) copy.emitRefusal('wrong_secret', handle);
}

/** A token and the live session that it opens. */
interface OpenedToken {
  readonly record: SessionRecord;
  readonly secret: string;
  readonly match: 'current' | 'former';
}

/**
 * A browser may send several cookies of one name, with different paths or domains. Those that are left over from
 * sessions that have ended do not matter: that one counts which alone opens a live session. Of two that do, one may have
 * been planted, and nobody can tell which.
 */
async function openOneOf(state: RequestState, tokens: readonly SessionToken[]): Promise<void> {
  const { opened, wrong } = await openEach(state, tokens);
  const [only] = opened;
  if (only && opened.length === 1) return state.copy.adopt(only.record, only.secret, only.match);
  state.rivals = opened.map(({ record }) => record);
  state.isMissing = !only && wrong.length === 0;
  if (only || wrong.length === 0) return state.copy.emitRefusal('duplicate', null);
  for (const handle of wrong) state.copy.emitRefusal('wrong_secret', handle);
}

/** What several tokens have come to. */
interface Openings {
  /** The live sessions that they open, each once. Of two secrets of one session the current one counts. */
  readonly opened: readonly OpenedToken[];
  /** The handles of live sessions that they do not open. */
  readonly wrong: readonly string[];
}

async function openEach(state: RequestState, tokens: readonly SessionToken[]): Promise<Openings> {
  const wrong = new Set<string>();
  const opened = new Map<string, OpenedToken>();
  const reads = tokens.map(async (token) => {
    const { handle, secret } = token;
    const record = await read(state, token);
    if (record === null) return;
    const match = state.match(record, secret);
    if (match === null) wrong.add(handle);
    else if (match === 'current' || !opened.has(handle)) opened.set(handle, { record, secret, match });
  });
  await Promise.all(reads);
  return { opened: [...opened.values()], wrong: [...wrong] };
}

function openFailed(state: RequestState, error: unknown): void {
  if (!(error instanceof ProblemException)) throw error;
  state.unread = error;
  if (state.engine.options.onStoreFailure !== 'anonymous') state.failure = error;
}

/** Ends them for a new session, which a socket cannot take. @throws 409 `no_session_on_socket` */
export async function replaceRivals(state: RequestState): Promise<void> {
  if (state.rivals.length === 0) return;
  state.visitor.newcomer();
  await endRivals(state);
}

/** Ends the other sessions that this request's tokens open, in whose place its client gets one, or none. */
export async function endRivals(state: RequestState): Promise<void> {
  const { engine, visitor, rivals } = state;
  state.rivals = [];
  for (const record of rivals) await engine.writer.end(record, 'replaced', visitor.cause(record.userId));
}
