import { Injectable } from '@nestjs/common';
import {
  claimOutcome,
  type ClaimOutcome,
  type IdempotencyClaim,
  type IdempotencyCompletion,
  type IdempotencyRelease,
  IdempotencyStore,
  type StoredClaim,
} from 'nest-gatehouse/sessman/storage';
import { inSmallerSteps } from '../database/smaller-steps.js';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';
import { fromOptionalText, fromText, toText } from '../driver/sqlite-text.js';

const SELECT =
  'SELECT fingerprint, lease_until, expires_at, answer FROM idempotency_keys WHERE api_key_id = ? AND key = ?';
const CLAIM =
  'INSERT OR REPLACE INTO idempotency_keys (api_key_id, key, fingerprint, owner, lease_until, expires_at) ' +
  'VALUES (?, ?, ?, ?, ?, ?)';
const OF_ATTEMPT = 'WHERE api_key_id = ? AND key = ? AND owner = ? AND answer IS NULL';
const COMPLETE = `UPDATE idempotency_keys SET answer = ?, expires_at = ? ${OF_ATTEMPT}`;
const RELEASE = `DELETE FROM idempotency_keys ${OF_ATTEMPT}`;
const SWEEP = `DELETE FROM idempotency_keys WHERE id IN (
  SELECT id FROM idempotency_keys INDEXED BY idempotency_keys_by_end WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`;

/**
 * Idempotency keys shared by all processes on the file: each is read and claimed in one transaction. A claim needs no
 * flush of its own: whatever its request writes durably comes later in the same log, and takes the claim along.
 */
@Injectable()
export class SqliteIdempotencyStore extends IdempotencyStore {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  override claim({
    keyId,
    key,
    fingerprint,
    owner,
    now,
    leaseUntil,
    expiresAt,
  }: IdempotencyClaim): Promise<ClaimOutcome> {
    const [id, name] = [toText(keyId), toText(key)];
    return this.database.write(() => {
      const outcome = claimOutcome(this.#stored(id, name), { fingerprint, now });
      if (outcome.status === 'claimed') {
        const values = [id, name, toText(fingerprint), toText(owner), leaseUntil, expiresAt];
        this.database.statement(CLAIM).run(...values);
      }
      return outcome;
    });
  }

  override complete({ keyId, key, owner, answer, expiresAt }: IdempotencyCompletion): Promise<boolean> {
    const values = [toText(answer), expiresAt, toText(keyId), toText(key), toText(owner)];
    const complete = () => Number(this.database.statement(COMPLETE).run(...values).changes) > 0;
    return this.database.write(complete, 'durable');
  }

  override async release({ keyId, key, owner }: IdempotencyRelease): Promise<void> {
    const values = [toText(keyId), toText(key), toText(owner)];
    await this.database.write(() => this.database.statement(RELEASE).run(...values), 'default', 'end');
  }

  override sweep(now: number, limit: number): Promise<number> {
    const sweep = (some: number) => Number(this.database.statement(SWEEP).run(now, some).changes);
    return inSmallerSteps(limit, (some) => this.database.write(() => sweep(some), 'default', 'end'));
  }

  #stored(id: string, name: string): StoredClaim | undefined {
    const row = this.database.statement(SELECT, true).get(id, name);
    if (row === undefined) return undefined;
    const [fingerprint, leaseUntil, expiresAt, answer] = valuesOf(row) as [string, number, number, string | null];
    return { fingerprint: fromText(fingerprint), leaseUntil, expiresAt, answer: fromOptionalText(answer) };
  }
}
