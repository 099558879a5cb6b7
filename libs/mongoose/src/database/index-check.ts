import { mongo, type IndexDefinition, type IndexOptions } from 'mongoose';
import type { Operation, Runner, WithinDeadline } from './operation.js';

/** Indexes that are missing or differ, and the commands that an operator should run. */
export class StorageIndexError extends Error {
  constructor(readonly commands: readonly string[]) {
    super(
      `MongooseStorageModule found indexes missing or other than they must be. Run these in mongosh, or set autoIndex: true in MongooseStorageModule.forRoot(), which otherwise follows the connection (Mongoose turns it off there where reads go to secondaries):\n${commands.join('\n')}`,
    );
    this.name = 'StorageIndexError';
  }
}

type Key = Record<string, 1 | -1>;

interface WantedIndex {
  readonly key: Key;
  readonly options: IndexOptions;
}

const MAX_BUILD_TIME = 10 * 60_000;
const NAMESPACE_NOT_FOUND = 26;
const INVALID_OPTIONS = 72;
const DUPLICATE_KEY = 11_000;
const UNREPAIRABLE: ReadonlySet<unknown> = new Set([INVALID_OPTIONS, DUPLICATE_KEY]);

/** @param make whether to create and repair, or only to check. @throws StorageIndexError */
export async function ensureIndexes(
  database: Runner,
  collection: string,
  definitions: readonly [IndexDefinition, IndexOptions][],
  make: boolean,
): Promise<void> {
  const present = await database.run(({ db }, within) => indexesOf(db.collection(collection), within));
  const commands: string[] = [];
  for (const [key, { background, ...options }] of definitions) {
    const wanted = { key: key as Key, options };
    const { repair, command } = difference(collection, present, wanted);
    if (!command) continue;
    if (!make || !repair || !(await database.run(repair, MAX_BUILD_TIME))) commands.push(command);
  }
  if (commands.length > 0) throw new StorageIndexError(commands);
}

interface Difference {
  /** Null if the index is as it should be. */
  readonly command: string | null;
  /** Resolves to whether it could be repaired; undefined if only an operator may do it. */
  readonly repair?: Operation<boolean, WithinDeadline>;
}

function difference(
  collection: string,
  present: readonly mongo.IndexDescriptionInfo[],
  wanted: WantedIndex,
): Difference {
  const { key, options } = wanted;
  const same = present.find((index) => sameText(index.key, key));
  if (!same) {
    const repair: Difference['repair'] = ({ db }, { signal }) =>
      changed(
        db.collection(collection).createIndex(key, { ...(options as mongo.CreateIndexesOptions), ...{ signal } }),
      );
    return { command: createCommand(collection, wanted), repair };
  }
  const replace = `${dropCommand(collection, same)}; ${createCommand(collection, wanted)}`;
  const sameUniqueness = (same.unique ?? false) === (options.unique ?? false);
  if (!sameUniqueness || !sameText(same.partialFilterExpression, options.partialFilterExpression))
    return { command: replace };

  const { expireAfterSeconds } = options;
  if (same.expireAfterSeconds === expireAfterSeconds) return { command: null };
  if (expireAfterSeconds === undefined) return { command: replace };
  const change = { collMod: collection, index: { name: same.name, expireAfterSeconds } };
  // Before MongoDB 5.1 an index without a time could not be given one.
  const command = same.expireAfterSeconds === undefined ? replace : `db.runCommand(${JSON.stringify(change)})`;
  return { command, repair: ({ db }, within) => changed(db.command(change, within)) };
}

async function changed(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof mongo.MongoServerError && UNREPAIRABLE.has(error.code)) return false;
    throw error;
  }
}

async function indexesOf(collection: mongo.Collection, within: WithinDeadline): Promise<mongo.IndexDescriptionInfo[]> {
  try {
    return (await collection.listIndexes(within).toArray()) as mongo.IndexDescriptionInfo[];
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

function createCommand(collection: string, { key, options }: WantedIndex): string {
  return `db.getCollection(${JSON.stringify(collection)}).createIndex(${JSON.stringify(key)}, ${JSON.stringify(options)})`;
}

function dropCommand(collection: string, index: mongo.IndexDescriptionInfo): string {
  return `db.getCollection(${JSON.stringify(collection)}).dropIndex(${JSON.stringify(index.name)})`;
}

function sameText(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
