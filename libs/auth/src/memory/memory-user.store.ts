import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from 'nest-gatehouse/common';
import { decodeKeyCursor, encodeKeyCursor } from '../storage/key-cursor.js';
import { changedUserRecord, newUserRecord } from '../storage/user-record.js';
import {
  UsernameTakenError,
  UserStore,
  type NewUser,
  type UserChanges,
  type UserExpectation,
  type UserList,
  type UserPage,
  type UserRecord,
} from '../storage/user-store.js';

const MAX_USERS = 100_000;

/**
 * Accounts in the memory of one process, bounded, and lost with it. Every method answers synchronously, with frozen
 * records.
 */
@Injectable()
export class MemoryUserStore extends UserStore {
  readonly #users = new Map<string, UserRecord>();
  readonly #ids = new Map<string, string>();

  constructor(private readonly maxUsers = MAX_USERS) {
    super();
  }

  /** @throws UsernameTakenError @throws StoreUnavailableError if the store is full */
  override insert(user: NewUser): UserRecord {
    if (this.#users.has(user.id) || this.#ids.has(user.canonicalUsername)) throw new UsernameTakenError(user.username);
    if (this.#users.size >= this.maxUsers)
      throw new StoreUnavailableError('full', `Memory keeps at most ${this.maxUsers} users.`);
    const record = newUserRecord(user);
    this.#users.set(record.id, record);
    this.#ids.set(record.canonicalUsername, record.id);
    return record;
  }

  override findById(id: string): UserRecord | null {
    return this.#users.get(id) ?? null;
  }

  override findByCanonicalUsername(canonicalUsername: string): UserRecord | null {
    const id = this.#ids.get(canonicalUsername);
    return id === undefined ? null : this.findById(id);
  }

  override update(id: string, changes: UserChanges, expected: UserExpectation = {}): UserRecord | null {
    const user = this.#users.get(id);
    if (!user || !meets(user, expected)) return null;
    const changed = changedUserRecord(user, changes);
    this.#users.set(id, changed);
    return changed;
  }

  override delete(id: string): boolean {
    const user = this.#users.get(id);
    if (user) this.#ids.delete(user.canonicalUsername);
    return this.#users.delete(id);
  }

  override async hasOther(role: string, exceptId: string): Promise<boolean> {
    return [...this.#users.values()].some(
      ({ id, roles, disabled }) => id !== exceptId && !disabled && roles.includes(role),
    );
  }

  override list({ limit, cursor, prefix = '' }: UserPage): UserList {
    const after = cursor === undefined ? '' : decodeKeyCursor('users', cursor);
    const names = [...this.#ids.keys()].filter((name) => name > after && name.startsWith(prefix)).sort();
    const items = names.slice(0, limit).map((name) => this.findByCanonicalUsername(name)!);
    return { items, next: names.length > limit ? encodeKeyCursor('users', items.at(-1)!.canonicalUsername) : null };
  }
}

function meets(user: UserRecord, { passwordHash, epoch }: UserExpectation): boolean {
  return (
    (passwordHash === undefined || user.passwordHash === passwordHash) && (epoch === undefined || user.epoch === epoch)
  );
}
