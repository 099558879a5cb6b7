import { Injectable } from '@nestjs/common';
import { type Awaitable, Clock, SystemClock } from 'nest-gatehouse/common';
import {
  type ChangedRecord,
  copyOfRotation,
  copyOfUpdate,
  frozenRecord,
  rotateRecord,
  type RotationOutcome,
  type SecretRotation,
  SessionExistsError,
  type SessionRecord,
  SessionStore,
  type SessionUpdate,
  type UpdateOutcome,
  updateRecord,
} from 'nest-gatehouse/session/storage';
import {
  changedColumns,
  INSERTED_COLUMNS,
  INSERTED_PLACES,
  RECORD_SELECTION,
  recordOf,
  rowOf,
} from '../schema/session-row.js';
import { IS_LIVE } from './session-sql.js';
import { toText } from '../driver/sqlite-text.js';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';

const SELECT = `SELECT ${RECORD_SELECTION} FROM sessions WHERE handle = ? AND ${IS_LIVE}`;
const INSERT = `INSERT INTO sessions (${INSERTED_COLUMNS}) VALUES (${INSERTED_PLACES}) ON CONFLICT (handle) DO NOTHING`;
const DELETE = `DELETE FROM sessions WHERE handle = ? AND ${IS_LIVE}`;
// A session that is written with an outdated epoch is removed by the next sweep, like those that existed before.
const SWEEP_AGAIN = 'UPDATE user_epochs SET swept = -1 WHERE user_id = ? AND epoch > ?';

/** Sessions in one SQLite file. Reads are synchronous; the writes of one turn of the event loop share a transaction. */
@Injectable()
export class SqliteSessionStore extends SessionStore {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly clock: Clock = new SystemClock(),
  ) {
    super();
  }

  override async insert(record: SessionRecord): Promise<void> {
    const copy = frozenRecord(record);
    const inserted = await this.database.write(() => this.#insert(copy), 'durable');
    if (!inserted) throw new SessionExistsError(copy.handle);
  }

  override read(handle: string): Awaitable<SessionRecord | null> {
    return this.database.read(() => this.#read(handle));
  }

  override update(handle: string, update: SessionUpdate): Promise<UpdateOutcome> {
    const copy = copyOfUpdate(update);
    return this.database.write(() =>
      this.#change<UpdateOutcome>(handle, { status: 'gone' }, (record) => updateRecord(record, copy)),
    );
  }

  override rotate(handle: string, rotation: SecretRotation): Promise<RotationOutcome> {
    const copy = copyOfRotation(rotation);
    return this.database.write(
      () => this.#change<RotationOutcome>(handle, 'gone', (record) => rotateRecord(record, copy)),
      'durable',
      'little',
    );
  }

  override delete(handle: string): Promise<boolean> {
    return this.database.write(
      () => Number(this.database.statement(DELETE).run(toText(handle), this.clock.now()).changes) > 0,
      'durable',
      'end',
    );
  }

  #insert(record: SessionRecord): boolean {
    const { changes } = this.database.statement(INSERT).run(...rowOf(record));
    this.#noteEpoch(record);
    const isInserted = Number(changes) > 0;
    // That of a user may be revoked already, which the file knows.
    if (isInserted && record.userId === null) this.database.records.put(record);
    return isInserted;
  }

  #read(handle: string): SessionRecord | null {
    const { records } = this.database;
    const known = records.get(handle);
    if (known !== undefined) return known.expiresAt > this.clock.now() ? known : null;
    const record = this.#fromFile(handle);
    if (record !== null) records.keep(record);
    return record;
  }

  /** In a transaction. */
  #live(handle: string): SessionRecord | null {
    const known = this.database.records.get(handle);
    if (known === undefined) return this.#fromFile(handle);
    return known.expiresAt > this.clock.now() ? known : null;
  }

  #fromFile(handle: string): SessionRecord | null {
    const row = this.database.statement(SELECT, true).get(toText(handle), this.clock.now());
    return row === undefined ? null : recordOf(valuesOf(row), handle);
  }

  #change<Outcome>(handle: string, gone: Outcome, change: (record: SessionRecord) => ChangedRecord<Outcome>): Outcome {
    const former = this.#live(handle);
    if (!former) return gone;
    const { outcome, record } = change(former);
    if (record) this.#replace(former, record);
    return outcome;
  }

  #replace(former: SessionRecord, record: SessionRecord): void {
    const { columns, values } = changedColumns(former, record);
    if (columns.length === 0) return;
    const assignments = columns.map((column) => `${column} = ?`).join(', ');
    this.database
      .statement(`UPDATE sessions SET ${assignments} WHERE handle = ?`)
      .run(...values, toText(record.handle));
    if (record.userId !== former.userId || record.userEpoch !== former.userEpoch) this.#noteEpoch(record);
    else this.database.records.put(record);
  }

  #noteEpoch({ userId, userEpoch }: SessionRecord): void {
    if (userId !== null) this.database.statement(SWEEP_AGAIN).run(toText(userId), userEpoch);
  }
}
