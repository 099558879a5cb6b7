import { isDeepStrictEqual } from 'node:util';
import {
  SessionExistsError,
  type SessionIndex,
  type SessionRecord,
  type SessionStore,
} from 'nest-gatehouse/session/storage';

/** An open store of sessions. */
export interface SessionPlace {
  readonly store: SessionStore;
  readonly index: SessionIndex;
}

export interface CopyCounts {
  /** Inserted at the target. */
  readonly copied: number;
  /** Already at the target, from an interrupted copy. */
  readonly present: number;
  /** Already at the target in an earlier state. */
  readonly replaced: number;
  /** Ended during the copy. */
  readonly over: number;
}

/** The target has sessions that the source does not: what has ended at the source would live on. */
export class StrangerSessionsError extends Error {
  constructor(readonly strangers: number) {
    super(
      `The target has ${strangers} live sessions that the source has not. Copy to an empty database, or end them first. Nothing was copied.`,
    );
    this.name = 'StrangerSessionsError';
  }
}

const BATCH = 100;

/**
 * Copies every live session, so that each token works at the target as it did at the source. Neither store may be in
 * use meanwhile. An interrupted copy is repeated from the start. Leases and their fences are not copied: each store
 * counts its own.
 *
 * @throws StrangerSessionsError before anything is copied
 */
export async function copySessions(from: SessionPlace, to: SessionPlace): Promise<CopyCounts> {
  await requireNoStrangers(from, to);
  const counts = { copied: 0, present: 0, replaced: 0, over: 0 };
  const users = new Set<string>();
  for await (const handles of batches(from.index)) {
    const records = await Promise.all(handles.map((handle) => from.store.read(handle)));
    const living = records.filter((record) => record !== null);
    counts.over += records.length - living.length;
    // Before the sessions, because a store revokes those whose user has a higher epoch.
    await copyEpochs(living, users, from.index, to.index);
    for (const outcome of await Promise.all(living.map((record) => copyOne({ ...record, fence: 0 }, to.store)))) {
      counts[outcome]++;
    }
  }
  return counts;
}

async function requireNoStrangers(from: SessionPlace, to: SessionPlace): Promise<void> {
  let strangers = 0;
  for await (const handles of batches(to.index)) {
    const records = await Promise.all(handles.map((handle) => from.store.read(handle)));
    strangers += records.filter((record) => record === null).length;
  }
  if (strangers > 0) throw new StrangerSessionsError(strangers);
}

async function copyOne(record: SessionRecord, to: SessionStore): Promise<'copied' | 'present' | 'replaced'> {
  try {
    await to.insert(record);
    return 'copied';
  } catch (error) {
    if (!(error instanceof SessionExistsError)) throw error;
  }
  const found = await to.read(record.handle);
  if (found !== null && isSame({ ...found, fence: 0 }, record)) return 'present';
  await to.delete(record.handle);
  await to.insert(record);
  return 'replaced';
}

async function copyEpochs(
  records: readonly SessionRecord[],
  known: Set<string>,
  from: SessionIndex,
  to: SessionIndex,
): Promise<void> {
  for (const { userId } of records) {
    if (userId === null || known.has(userId)) continue;
    known.add(userId);
    const epoch = await from.userEpoch(userId);
    if (epoch > 0) await to.raiseUserEpoch(userId, epoch);
  }
}

async function* batches(index: SessionIndex): AsyncGenerator<string[]> {
  let cursor: string | undefined;
  do {
    const { items, next } = await index.find({}, { limit: BATCH, cursor });
    yield items.map(({ handle }) => handle);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
}

/** Stores preserve neither the order of the fields nor that of the data's keys. */
function isSame(a: SessionRecord, b: SessionRecord): boolean {
  return isDeepStrictEqual(withData(a), withData(b));
}

function withData(record: SessionRecord): object {
  return { ...record, data: JSON.parse(record.data) as unknown };
}
