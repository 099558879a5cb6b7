import { Injectable } from '@nestjs/common';
import { Randomness, SystemRandomness } from 'nest-gatehouse/common';
import {
  AnonymousSessions,
  type AnonymousUsage,
  type EndedSession,
  SESSION_OVERHEAD,
} from 'nest-gatehouse/session/storage';
import { inParallel } from '../database/in-parallel.js';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { MongooseSessionLocks } from './mongoose-session.locks.js';
import { SUMMARY_PROJECTION, toSummary, type SummaryDocument } from './session-document.js';
import { ANONYMOUS_KEYS, type SessionDocument } from '../schema/session.schema.js';

type Candidate = Pick<SessionDocument, '_id' | 'lastSeenAt' | 'dataBytes'>;

const ANONYMOUS = { anonymous: true } as const;
const TOTAL = [
  { $match: ANONYMOUS },
  { $group: { _id: null, sessions: { $sum: 1 }, dataBytes: { $sum: '$dataBytes' } } },
];
const OLDEST = {
  sort: { lastSeenAt: 1, _id: 1 },
  projection: { _id: 1, lastSeenAt: 1, dataBytes: 1 },
  hint: ANONYMOUS_KEYS,
} as const;

/**
 * Bounds the anonymous sessions of a `MongooseSessionStore`. They are counted and chosen in an index that contains
 * nothing else; only the documents that are removed are read. Only one process does this at a time, because two that
 * count the same excess would end twice as many.
 */
@Injectable()
export class MongooseAnonymousSessions extends AnonymousSessions {
  readonly #evicting: MongooseSessionLocks;

  constructor(
    private readonly database: MongooseDatabase,
    randomness: Randomness = new SystemRandomness(),
  ) {
    super();
    this.#evicting = new MongooseSessionLocks(database, randomness, 'work:');
  }

  override async evictOldest(bounds: AnonymousUsage, limit: number): Promise<readonly EndedSession[]> {
    const { operationDeadline } = this.database;
    const lease = await this.#evicting.acquire('evict', { wait: operationDeadline / 2, lease: 10 * operationDeadline });
    // The process that holds the lock does the work.
    if (!lease) return [];
    try {
      return await this.#evict(bounds, limit);
    } finally {
      await this.#evicting.release(lease);
    }
  }

  async #evict(bounds: AnonymousUsage, limit: number): Promise<readonly EndedSession[]> {
    for (;;) {
      const excess = await this.#excess(bounds);
      const candidates = excess ? await this.#oldest(Math.min(limit, excess.most)) : [];
      const chosen = enough(candidates, excess);
      const removed = await inParallel(chosen, (candidate) => this.#remove(candidate));
      const ended = removed.filter((document) => document !== null).map(toSummary);
      // If all of them were used or ended just now, others are the oldest.
      if (ended.length > 0 || chosen.length === 0) return ended;
    }
  }

  async #excess(bounds: AnonymousUsage): Promise<Excess | null> {
    const [total] = await this.database.run(({ sessions }, within) =>
      sessions.aggregate<Total>(TOTAL, { hint: ANONYMOUS_KEYS, ...within }).toArray(),
    );
    if (!total || total.sessions <= 1) return null;
    const sessions = total.sessions - bounds.sessions;
    const bytes = total.dataBytes + total.sessions * SESSION_OVERHEAD - bounds.bytes;
    return sessions > 0 || bytes > 0 ? { sessions, bytes, most: total.sessions - 1 } : null;
  }

  #oldest(limit: number): Promise<Candidate[]> {
    return this.database.run(({ sessions }, within) =>
      sessions.find<Candidate>(ANONYMOUS, { ...OLDEST, limit, ...within }).toArray(),
    );
  }

  #remove({ _id, lastSeenAt }: Candidate): Promise<SummaryDocument | null> {
    return this.database.run(({ sessions }, within) =>
      sessions.findOneAndDelete({ _id, lastSeenAt, ...ANONYMOUS }, { projection: SUMMARY_PROJECTION, ...within }),
    );
  }
}

interface Total {
  readonly sessions: number;
  readonly dataBytes: number;
}

/** By how much the bounds are exceeded; negative for a bound that is not. */
interface Excess extends AnonymousUsage {
  /** How many may be ended: all but the last one. */
  readonly most: number;
}

function enough(oldest: readonly Candidate[], excess: Excess | null): Candidate[] {
  if (!excess) return [];
  let { sessions, bytes } = excess;
  const chosen: Candidate[] = [];
  for (const candidate of oldest) {
    if (sessions <= 0 && bytes <= 0) break;
    chosen.push(candidate);
    sessions -= 1;
    bytes -= (candidate.dataBytes ?? 0) + SESSION_OVERHEAD;
  }
  return chosen;
}
