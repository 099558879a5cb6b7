import type { SessionFilter } from 'nest-gatehouse/session/storage';
import type { Reader } from '../database/snapshot-reader.js';
import type { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';
import { fromOptionalText, toText } from '../driver/sqlite-text.js';
import { placeOf } from '../schema/session-row.js';

const UNKNOWN = `SELECT id, user_agent, ip FROM sessions INDEXED BY sessions_by_device WHERE device IS NULL LIMIT ?`;
const FILL = 'UPDATE sessions SET device = ?, address = ? WHERE id = ?';
const BATCH = 256;

// There are as many names as browsers times systems; user agents that are made up can add others.
const MAX_NAMES = 2_000;
const MAX_FOUND = 64;
/** Jumps from name to name along the index. */
const NAMES = `WITH RECURSIVE names (name) AS (
  SELECT * FROM (SELECT device FROM sessions INDEXED BY sessions_by_device WHERE device >= '' ORDER BY device LIMIT 1)
  UNION ALL SELECT (
    SELECT device FROM sessions INDEXED BY sessions_by_device WHERE device > name ORDER BY device LIMIT 1
  ) FROM names WHERE name IS NOT NULL LIMIT ${MAX_NAMES}
) SELECT name FROM names WHERE name IS NOT NULL`;

/** The columns `device` and `address`: filled in where an older release has left them out, and looked up. */
export class SessionPlaces {
  constructor(private readonly database: SqliteDatabase) {}

  /** To be awaited before these columns are searched. One look at an index, unless an older release has written rows. */
  async complete({ device, network, ip }: SessionFilter): Promise<void> {
    if (device === undefined && network === undefined && ip === undefined) return;
    const isUnknown = () => this.database.statement(UNKNOWN, true).get(1) !== undefined;
    while (await this.database.read(isUnknown)) await this.database.write(() => this.#fillSome(), 'default', 'little');
  }

  /** The names that contain what the filter looks for; null if they are too many, or it looks for none. */
  async devices({ device }: SessionFilter, reader: Reader = this.database): Promise<string[] | null> {
    if (device === undefined) return null;
    const part = toText(device.toLowerCase());
    const names = await reader.read(() =>
      reader
        .statement(NAMES, true)
        .all()
        .map((row) => valuesOf(row)[0] as string),
    );
    const found = names.filter((name) => name.includes(part));
    return names.length < MAX_NAMES && found.length <= MAX_FOUND ? found : null;
  }

  #fillSome(): void {
    for (const row of this.database.statement(UNKNOWN, true).all(BATCH)) {
      const [id, userAgent, ip] = valuesOf(row) as [number, string | null, string | null];
      const place = placeOf({ userAgent: fromOptionalText(userAgent), ip: fromOptionalText(ip) });
      this.database.statement(FILL).run(...place, id);
    }
  }
}
