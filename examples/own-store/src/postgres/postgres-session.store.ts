import {
  type ChangedRecord,
  copyOfRotation,
  copyOfUpdate,
  rotateRecord,
  type RotationOutcome,
  type SecretRotation,
  SessionExistsError,
  type SessionRecord,
  SessionStore,
  type SessionUpdate,
  updateRecord,
  type UpdateOutcome,
} from 'nest-gatehouse/session/storage';
import type { PostgresDatabase } from './database.js';
import { COLUMNS, columnsOf, isLive, recordOf, type SessionRow } from './session-row.js';
import { sql } from './sql.js';

/** A change of a session reads it under a lock, and applies `updateRecord` or `rotateRecord` to what it has read. */
export class PostgresSessionStore extends SessionStore {
  constructor(private readonly database: PostgresDatabase) {
    super();
  }

  override async insert(record: SessionRecord): Promise<void> {
    const inserted = await this.database.run(
      sql`INSERT INTO sessions ${COLUMNS} VALUES ${columnsOf(record)} ON CONFLICT DO NOTHING RETURNING handle`,
    );
    if (inserted.length === 0) throw new SessionExistsError(record.handle);
  }

  override async read(handle: string): Promise<SessionRecord | null> {
    const [row] = await this.database.run<SessionRow>(
      sql`SELECT record FROM sessions WHERE handle = ${handle} AND ${isLive()}`,
    );
    return row ? recordOf(row) : null;
  }

  override async update(handle: string, update: SessionUpdate): Promise<UpdateOutcome> {
    const copy = copyOfUpdate(update);
    return (await this.#change(handle, (record) => updateRecord(record, copy))) ?? { status: 'gone' };
  }

  override async rotate(handle: string, rotation: SecretRotation): Promise<RotationOutcome> {
    const copy = copyOfRotation(rotation);
    return (await this.#change(handle, (record) => rotateRecord(record, copy))) ?? 'gone';
  }

  override async delete(handle: string): Promise<boolean> {
    const deleted = await this.database.run(
      sql`DELETE FROM sessions WHERE handle = ${handle} AND ${isLive()} RETURNING handle`,
    );
    return deleted.length > 0;
  }

  /** The row is locked, so changes of one session are made one after the other. Null: no such session. */
  #change<Outcome>(handle: string, change: (record: SessionRecord) => ChangedRecord<Outcome>): Promise<Outcome | null> {
    return this.database.transaction(async (run) => {
      const [row] = await run<SessionRow>(
        sql`SELECT record FROM sessions WHERE handle = ${handle} AND ${isLive()} FOR UPDATE`,
      );
      if (!row) return null;
      const { outcome, record } = change(recordOf(row));
      if (record) await run(sql`UPDATE sessions SET ${COLUMNS} = ${columnsOf(record)} WHERE handle = ${handle}`);
      return outcome;
    });
  }
}
