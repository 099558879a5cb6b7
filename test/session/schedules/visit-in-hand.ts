import { ProblemException } from 'nest-gatehouse/common';
import type { Session } from 'nest-gatehouse/session';
import type { Data, History, Saved } from './history.js';
import type { Instances } from './instances.js';
import type { Visit } from './programs.js';

/** What a handler does with the session of its request. */
export class VisitInHand {
  newSecret: number | null = null;
  /** Another one has had the lock since: then nothing of this request is saved any more, its touch included. */
  #isFenced = false;
  #commit: { readonly call: ReturnType<History['begin']>; readonly asked: { answer: Saved } } | undefined;

  constructor(
    private readonly history: History,
    private readonly who: { readonly by: string; readonly request: number; readonly session: number },
    private readonly stage: Instances,
  ) {}

  async act(values: Session, does: Visit, value: () => number, secret: () => number): Promise<void> {
    let set: Data = {};
    try {
      set = await this.#do(values, does, value, secret);
    } finally {
      if (does !== 'leave' && !this.#isFenced) this.#leaves(set);
    }
  }

  /** The handler is done, and what it has changed is to be saved. */
  #leaves(set: Data): void {
    const { by, request, session } = this.who;
    const asked = { does: 'commit' as const, session, set, at: this.stage.clock.now(), answer: 'saved' as Saved };
    this.#commit = { call: this.history.begin(by, request, asked), asked };
  }

  answered(status: number): void {
    if (!this.#commit) return;
    const { call, asked } = this.#commit;
    const hasChanges = Object.keys((asked as unknown as { set: Data }).set).length > 0;
    if (hasChanges && status !== 200) asked.answer = savedOf(status);
    this.history.answer(call);
  }

  async #do(values: Session, does: Visit, value: () => number, secret: () => number): Promise<Data> {
    const { history, stage } = this;
    const { by, request, session } = this.who;
    switch (does) {
      case 'look':
        return {};
      case 'put a':
      case 'put b': {
        await stage.turns.take('think');
        const set = { [does.slice(-1)]: value() };
        Object.assign(values, set);
        return set;
      }
      case 'add': {
        const asked = { does: 'add' as const, session, key: 'n', answer: 'gone' as number | 'gone' };
        await history.note(by, request, asked, async () => {
          asked.answer = await values.increment('n');
        });
        return {};
      }
      case 'rotate': {
        const at = stage.clock.now();
        const asked = { does: 'rotate' as const, session, at, answer: 'gone' as number | null | 'gone' };
        await history.note(by, request, asked, async () => {
          stage.renewedBy.delete(by);
          await values.rotate();
          asked.answer = stage.renewedBy.has(by) ? (this.newSecret = secret()) : null;
        });
        return {};
      }
      case 'leave':
        await history.note(by, request, { does: 'end', session, answer: undefined }, () => values.destroy());
        return {};
      case 'put c under lock':
        return this.#write(values, value);
    }
  }

  async #write(values: Session, value: () => number): Promise<Data> {
    const { history, stage } = this;
    const { by, request, session } = this.who;
    const asked = { does: 'lock' as const, session, answer: 'refused' as Data | 'gone' | 'conflict' | 'refused' };
    const hold = await history.note(by, request, asked, async () => {
      try {
        const held = await values.lock();
        asked.answer = { ...(values as unknown as Data) };
        return held;
      } catch (error) {
        const status = statusOf(error);
        if (status === 503) return null;
        asked.answer = savedOf(status) as 'gone' | 'conflict';
        this.#isFenced = asked.answer === 'conflict';
        throw error;
      }
    });
    if (!hold) return {};
    await stage.turns.take('think under the lock');
    const set = { c: value() };
    const release = { does: 'release' as const, session, set, answer: 'saved' as Saved };
    await history.note(by, request, release, async () => {
      try {
        Object.assign(values, set);
        await hold.release();
      } catch (error) {
        release.answer = savedOf(statusOf(error));
        this.#isFenced = release.answer === 'conflict';
        throw error;
      }
    });
    return {};
  }
}

function statusOf(error: unknown): number {
  if (!(error instanceof ProblemException)) throw error;
  return error.getStatus();
}

function savedOf(status: number): Saved {
  if (status === 401) return 'gone';
  if (status === 409) return 'conflict';
  throw new Error(`An answer ${status} is none of these.`);
}
