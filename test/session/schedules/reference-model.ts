import type { Asked, Data } from './history.js';

/** What sessions promise, for one call at a time. All of it is plain data. */
export interface State {
  readonly now: number;
  /** The user's epoch as a new session reads it. */
  readonly epoch: number;
  /** Sessions of a lower epoch are revoked. */
  readonly revokedBelow: number;
  readonly lastFence: number;
  readonly sessions: readonly (SessionState | undefined)[];
  readonly requests: readonly (RequestState | undefined)[];
}

interface SessionState {
  readonly isEnded: boolean;
  readonly epoch: number;
  readonly seenAt: number;
  readonly idleEnd: number;
  readonly absoluteEnd: number;
  readonly secret: number;
  readonly former: number | null;
  readonly formerUntil: number;
  readonly data: Data;
  /** The highest fence that has read or written it. */
  readonly fence: number;
  readonly lock: { readonly request: number; readonly until: number } | null;
}

/** What a request knows from before. */
interface RequestState {
  readonly secret: number;
  readonly isFormer: boolean;
  readonly seenAt: number;
  /** Of the lock that it holds. */
  readonly fence: number | null;
  readonly epoch: number;
}

export interface Terms {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly renewGrace: number;
  readonly touchInterval: number;
  readonly lockLease: number;
}

/** One step of a call: the state after it, or null if the answer cannot be explained by this state. */
export type Step = (state: State) => State | null;

export const BEGINNING = { epoch: 0, revokedBelow: 0, lastFence: 0, sessions: [], requests: [] };

const NOBODY: RequestState = { secret: -1, isFormer: false, seenAt: 0, fence: null, epoch: 0 };

export class ReferenceModel {
  /** @param raisesAtOnce whether raising an epoch revokes in the same step */
  constructor(
    private readonly terms: Terms,
    private readonly raisesAtOnce: boolean,
  ) {}

  /** What the call does, in this order; each step may come at any moment between its beginning and its answer. */
  stepsOf(asked: Asked, request: number): readonly Step[] {
    switch (asked.does) {
      case 'create':
        return [
          (state) => withRequest(state, request, { epoch: state.epoch, seenAt: state.now }),
          (state) => this.#created(state, request, asked.session, asked.secret),
        ];
      case 'open':
        return [(state) => this.#opened(state, request, asked)];
      case 'save':
        return [(state) => this.#saved(state, request, asked)];
      case 'commit':
        return [(state) => this.#committed(state, request, asked)];
      case 'add':
        return [(state) => this.#added(state, request, asked)];
      case 'rotate':
        return [(state) => this.#rotated(state, request, asked)];
      case 'lock':
        if (asked.answer === 'refused') return [];
        return [
          (state) => this.#locked(state, request, asked.session),
          (state) => this.#refreshed(state, request, asked),
        ];
      case 'release':
        return [
          (state) => this.#saved(state, request, asked),
          (state) => this.#released(state, request, asked.session),
        ];
      case 'end':
        return [(state) => this.#ended(state, asked)];
      case 'raise': {
        const raise: Step = (state) => ({ ...state, epoch: state.epoch + 1 });
        const revoke: Step = (state) => ({ ...state, revokedBelow: state.epoch });
        return this.raisesAtOnce ? [(state) => revoke(raise(state)!)] : [raise, revoke];
      }
      case 'pass':
        return [(state) => ({ ...state, now: state.now + asked.milliseconds })];
      case 'find':
        return [(state) => (isSame(liveOf(state, asked.session)?.data ?? null, asked.found) ? state : null)];
    }
  }

  #created(state: State, request: number, session: number, secret: number): State {
    const { epoch, seenAt } = state.requests[request]!;
    const { idleTimeout, absoluteTimeout } = this.terms;
    const ends = { seenAt, idleEnd: seenAt + idleTimeout, absoluteEnd: seenAt + absoluteTimeout };
    const rest = { isEnded: false, former: null, formerUntil: 0, data: {}, fence: 0, lock: null };
    return withSession(state, session, { ...ends, ...rest, epoch, secret });
  }

  #opened(state: State, request: number, asked: Of<'open'>): State | null {
    const live = liveOf(state, asked.session);
    const isFormer = live?.former === asked.secret && state.now < live.formerUntil;
    const opens = live && (live.secret === asked.secret || isFormer);
    if (!isSame(opens ? live.data : null, asked.found)) return null;
    if (!opens) return state;
    return withRequest(state, request, { secret: asked.secret, isFormer, seenAt: live.seenAt, fence: null });
  }

  #saved(state: State, request: number, { session, set, answer }: Of<'save' | 'commit' | 'release'>): State | null {
    const live = liveOf(state, session);
    const { fence } = requestOf(state, request);
    if (!live) return answer === 'gone' ? state : null;
    if (fence !== null && fence < live.fence) return answer === 'conflict' ? state : null;
    if (answer !== 'saved') return null;
    return withSession(state, session, { data: { ...live.data, ...set }, fence: fence ?? live.fence });
  }

  #committed(state: State, request: number, asked: Of<'commit'>): State | null {
    const hasChanges = Object.keys(asked.set).length > 0;
    const after = hasChanges ? this.#saved(state, request, asked) : state;
    const isDue = asked.at - requestOf(state, request).seenAt >= this.terms.touchInterval;
    if (!after || !isDue || asked.answer !== 'saved' || !liveOf(after, asked.session)) return after;
    return withSession(after, asked.session, { seenAt: asked.at, idleEnd: asked.at + this.terms.idleTimeout });
  }

  #added(state: State, request: number, { session, key, answer }: Of<'add'>): State | null {
    const sum = (liveOf(state, session)?.data[key] ?? 0) + 1;
    if (answer !== 'gone' && answer !== sum) return null;
    const set = answer === 'gone' ? {} : { [key]: sum };
    return this.#saved(state, request, { does: 'save', session, set, answer: answer === 'gone' ? 'gone' : 'saved' });
  }

  #rotated(state: State, request: number, { session, at, answer }: Of<'rotate'>): State | null {
    const live = liveOf(state, session);
    const { secret, isFormer } = requestOf(state, request);
    // Who came with a former secret is given nothing, and is not told whether the session lives.
    if (isFormer) return answer === null ? state : null;
    if (!live) return answer === 'gone' ? state : null;
    if (live.secret !== secret) return answer === null ? withRequest(state, request, { isFormer: true }) : null;
    if (answer === null || answer === 'gone') return null;
    const formerUntil = at + this.terms.renewGrace;
    const after = withSession(state, session, { secret: answer, former: secret, formerUntil });
    return withRequest(after, request, { secret: answer });
  }

  #locked(state: State, request: number, session: number): State | null {
    const { lock } = state.sessions[session]!;
    if (lock && lock.until > state.now) return null;
    const fence = state.lastFence + 1;
    const held = { lock: { request, until: state.now + this.terms.lockLease } };
    return withRequest({ ...withSession(state, session, held), lastFence: fence }, request, { fence });
  }

  /** Reads again under the lock. */
  #refreshed(state: State, request: number, { session, answer }: Of<'lock'>): State | null {
    const data = typeof answer === 'object' ? answer : {};
    const saved = typeof answer === 'object' ? 'saved' : (answer as 'gone' | 'conflict');
    if (saved === 'saved' && !isSame(liveOf(state, session)?.data ?? null, data)) return null;
    const after = this.#saved(state, request, { does: 'save', session, set: {}, answer: saved });
    return after && (saved === 'gone' ? this.#released(after, request, session) : after);
  }

  #released(state: State, request: number, session: number): State {
    const without = withRequest(state, request, { fence: null });
    return state.sessions[session]!.lock?.request === request ? withSession(without, session, { lock: null }) : without;
  }

  #ended(state: State, { session, answer }: Of<'end'>): State | null {
    const wasLive = liveOf(state, session) !== undefined;
    if (answer !== undefined && answer !== wasLive) return null;
    return wasLive ? withSession(state, session, { isEnded: true }) : state;
  }
}

type Of<Does extends Asked['does']> = Extract<Asked, { does: Does }>;

function liveOf({ now, revokedBelow, sessions }: State, number: number): SessionState | undefined {
  const session = sessions[number];
  if (!session || session.isEnded || session.epoch < revokedBelow) return undefined;
  return now < Math.min(session.idleEnd, session.absoluteEnd) ? session : undefined;
}

function requestOf(state: State, request: number): RequestState {
  return state.requests[request] ?? NOBODY;
}

function withSession(state: State, number: number, changes: Partial<SessionState>): State {
  const sessions = [...state.sessions];
  sessions[number] = { ...sessions[number], ...changes } as SessionState;
  return { ...state, sessions };
}

function withRequest(state: State, number: number, changes: Partial<RequestState>): State {
  const requests = [...state.requests];
  requests[number] = { ...requestOf(state, number), ...changes };
  return { ...state, requests };
}

function isSame(a: Data | null, b: Data | null): boolean {
  if (a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
