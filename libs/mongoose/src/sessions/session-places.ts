import type { mongo } from 'mongoose';
import type { SessionFilter } from 'nest-gatehouse/session/storage';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { INDEX_KEYS, type SessionDocument } from '../schema/session.schema.js';
import { placeOf } from './session-document.js';

const UNKNOWN: mongo.Filter<SessionDocument> = { device: null as never };
const BATCH = 500;
// There are as many names as browsers times systems; user agents that are made up can add others.
const MAX_NAMES = 200;

/** The fields `device` and `address`: filled in where an older release has left them out, and looked up. */
export class SessionPlaces {
  constructor(private readonly database: MongooseDatabase) {}

  /** To be awaited before these fields are searched. One look at an index, unless an older release has written. */
  async complete({ device, network, ip }: SessionFilter): Promise<void> {
    if (device === undefined && network === undefined && ip === undefined) return;
    while (await this.#fillSome());
  }

  /** The names that contain what the filter looks for; null if they are too many, or it looks for none. */
  async devices({ device }: SessionFilter): Promise<string[] | null> {
    if (device === undefined) return null;
    const names = await this.database.run(({ sessions }, within) => sessions.distinct('device', {}, within));
    const part = device.toLowerCase();
    const found = names.filter((name) => typeof name === 'string' && name.includes(part)) as string[];
    return found.length <= MAX_NAMES ? found : null;
  }

  async #fillSome(): Promise<boolean> {
    const options = { projection: { userAgent: 1, ip: 1 }, limit: BATCH, hint: INDEX_KEYS.appliance } as const;
    const unknown = await this.database.run(({ sessions }, within) =>
      sessions.find<Pick<SessionDocument, '_id' | 'userAgent' | 'ip'>>(UNKNOWN, { ...options, ...within }).toArray(),
    );
    if (unknown.length === 0) return false;
    const writes = unknown.map(({ _id, userAgent = null, ip = null }) => ({
      updateOne: { filter: { _id, ...UNKNOWN }, update: { $set: placeOf({ userAgent, ip }) } },
    }));
    await this.database.run(({ sessions }, within) => sessions.bulkWrite(writes, { ordered: false, ...within }));
    return true;
  }
}
