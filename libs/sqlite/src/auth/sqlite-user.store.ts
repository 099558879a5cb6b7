import { Injectable } from '@nestjs/common';
import {
  changedUserRecord,
  decodeKeyCursor,
  encodeKeyCursor,
  type NewUser,
  newUserRecord,
  type UserChanges,
  type UserExpectation,
  type UserList,
  UsernameTakenError,
  type UserPage,
  type UserRecord,
  UserStore,
} from 'nest-gatehouse/auth/storage';
import type { Awaitable } from 'nest-gatehouse/common';
import { toText } from '../driver/sqlite-text.js';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';
import { rowOfUser, USER_COLUMNS, USER_PLACES, userOf } from './user-row.js';

const BY_ID = `SELECT ${USER_COLUMNS} FROM users WHERE id = ?`;
const BY_NAME = `SELECT ${USER_COLUMNS} FROM users WHERE canonical_username = ?`;
const INSERT = `INSERT INTO users (${USER_COLUMNS}) VALUES (${USER_PLACES}) ON CONFLICT DO NOTHING`;
const REPLACE = `UPDATE users SET (${USER_COLUMNS}) = (${USER_PLACES}) WHERE id = ?`;
// A text that begins with the prefix is not before it, and before the prefix followed by the last character there is.
const PAGE = `SELECT ${USER_COLUMNS} FROM users
  WHERE canonical_username > ? AND canonical_username >= ? AND canonical_username < ? || char(0x10FFFF)
  ORDER BY canonical_username LIMIT ?`;
const DELETE = 'DELETE FROM users WHERE id = ?';
const WITH_ROLE = `SELECT 1 FROM users INDEXED BY users_with_roles
  WHERE roles <> '[]' AND disabled = 0 AND id <> ? AND EXISTS (SELECT 1 FROM json_each(roles) WHERE value = ?) LIMIT 1`;

/** Accounts in one SQLite file. Reads are synchronous; confirmed writes survive a power cut. */
@Injectable()
export class SqliteUserStore extends UserStore {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  override async insert(user: NewUser): Promise<UserRecord> {
    const record = newUserRecord(user);
    const { changes } = await this.database.write(
      () => this.database.statement(INSERT).run(...rowOfUser(record)),
      'durable',
    );
    if (Number(changes) === 0) throw new UsernameTakenError(record.username);
    return record;
  }

  override findById(id: string): Awaitable<UserRecord | null> {
    return this.database.read(() => this.#byId(id));
  }

  override findByCanonicalUsername(canonicalUsername: string): Awaitable<UserRecord | null> {
    return this.database.read(() => {
      const user = this.#find(BY_NAME, canonicalUsername);
      return user?.canonicalUsername === canonicalUsername ? user : null;
    });
  }

  override update(id: string, changes: UserChanges, expected: UserExpectation = {}): Promise<UserRecord | null> {
    const given = copyOf(changes);
    const { passwordHash, epoch } = expected;
    return this.database.write(
      () => {
        const user = this.#byId(id);
        if (!user || !isAsExpected(user, { passwordHash, epoch })) return null;
        const changed = changedUserRecord(user, given);
        this.database.statement(REPLACE).run(...rowOfUser(changed), toText(id));
        return changed;
      },
      'durable',
      'end',
    );
  }

  override async delete(id: string): Promise<boolean> {
    const remove = () => Number(this.database.statement(DELETE).run(toText(id)).changes) > 0;
    return this.database.write(() => this.#byId(id) !== null && remove(), 'durable', 'end');
  }

  override async hasOther(role: string, exceptId: string): Promise<boolean> {
    return this.database.read(
      () => this.database.statement(WITH_ROLE, true).get(toText(exceptId), toText(role)) !== undefined,
    );
  }

  override async list({ limit, cursor, prefix = '' }: UserPage): Promise<UserList> {
    const after = cursor === undefined ? '' : toText(decodeKeyCursor('users', cursor));
    const from = toText(prefix);
    const users = await this.database.read(() =>
      Array.from(this.database.statement(PAGE, true).all(after, from, from, limit + 1), (row) => userOf(valuesOf(row))),
    );
    const items = users.slice(0, limit);
    return { items, next: users.length > limit ? encodeKeyCursor('users', items.at(-1)!.canonicalUsername) : null };
  }

  #byId(id: string): UserRecord | null {
    const user = this.#find(BY_ID, id);
    return user?.id === id ? user : null;
  }

  /**
   * SQLite stores all lone surrogates alike, so the row found may have another key than asked for: callers compare it.
   */
  #find(sql: string, key: string): UserRecord | null {
    const row = this.database.statement(sql, true).get(toText(key));
    return row === undefined ? null : userOf(valuesOf(row));
  }
}

/** The write happens later, and the caller may change the lists meanwhile. */
function copyOf({ roles, knownNetworks, ...changes }: UserChanges): UserChanges {
  return { ...changes, roles: roles && [...roles], knownNetworks: knownNetworks && [...knownNetworks] };
}

function isAsExpected(user: UserRecord, { passwordHash, epoch }: UserExpectation): boolean {
  return (
    (passwordHash === undefined || user.passwordHash === passwordHash) && (epoch === undefined || user.epoch === epoch)
  );
}
