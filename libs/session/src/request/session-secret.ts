import { sessionConflict, sessionEnded } from '../session.problems.js';
import type { SessionFields, SessionRecord } from '../storage/session-record.js';
import { SessionWrites } from './session-writes.js';

/** Which requests get a new secret for the session that they came with: nobody else in this library hands one out. */
export abstract class SessionSecret extends SessionWrites {
  async rotate(session: object): Promise<void> {
    if (!this.isCurrent(session) || this.record === null) return;
    if ((await this.renew(this.engine.options.renewGrace)) === 'gone') throw sessionEnded();
  }

  /**
   * Reads the stored session again. @throws 401 `session_ended` where it is over, 409 `conflict` where the secret that this request came by is
   * not the current one, or not any more
   */
  async requireCurrentSecret(session: object): Promise<void> {
    const isCurrent = await this.isSecretCurrent(session);
    if (isCurrent === null) throw sessionEnded();
    if (!isCurrent) throw this.noted(sessionConflict([]));
  }

  /** By the store, not by what it had when this request came: another one may have renewed since. Null where the session is over. */
  protected async isSecretCurrent(session: object): Promise<boolean | null> {
    if (this.match === 'former') return false;
    const record = await this.stored(session);
    if (record === null) return null;
    this.rematch(record);
    return this.match === 'current';
  }

  /** The user has proved who they are again: a new secret, and the former one is worth nothing from now on. */
  async confirmIdentity(session: object, fields: SessionFields): Promise<void> {
    if (!this.isCurrent(session) || this.record === null) throw sessionEnded();
    if (this.match !== 'current') throw this.noted(sessionConflict([]));
    let outcome = await this.renew(0, fields);
    while (outcome === 'stale') {
      // Another request renewed meanwhile: what was proved must be written all the same, over its secret.
      const now = await this.stored(session);
      outcome = now === null ? 'gone' : await this.renew(0, fields, now.secretHash);
    }
    if (outcome === 'gone') throw sessionEnded();
  }

  /**
   * The user's sessions end by a higher epoch, and this one goes along: with a new secret without grace, or, where another request has renewed
   * meanwhile, by that one's secret, of which this request gets none. @returns whether the session lives
   */
  async followEpoch(session: object, userEpoch: number): Promise<boolean> {
    if (!this.isCurrent(session) || this.record === null) return false;
    const outcome = await this.renew(0, { userEpoch });
    if (outcome !== 'stale') return outcome === 'renewed';
    return (await this.writer.save(this.record, { changes: null, fields: { userEpoch } })) !== 'gone';
  }

  /** Rights have changed: a new secret without grace. The former secret gets none. */
  async swapSecret(session: object): Promise<void> {
    if (!this.isCurrent(session) || this.record === null) throw sessionEnded();
    if ((await this.renew(0)) === 'gone') throw sessionEnded();
  }

  /** The stored session as it is now; null where it is over. */
  protected async stored(session: object): Promise<SessionRecord | null> {
    if (!this.isCurrent(session) || this.record === null) return null;
    const { handle } = this.record;
    return this.engine.ask('read', () => this.engine.storage.store.read(handle));
  }

  /**
   * The only way to a new secret on the same record. `stale`: another request has renewed before or meanwhile, and its answer carries the secret.
   * A request that came by the former secret gets none, whatever it asks for: whoever holds that may have stolen it.
   * @param over the hash to be replaced, where what was proved meanwhile is written over another request's renewal
   */
  protected async renew(grace: number, fields?: SessionFields, over?: string): Promise<'renewed' | 'stale' | 'gone'> {
    if (over === undefined && this.match !== 'current') return 'stale';
    const record = over === undefined ? this.record! : { ...this.record!, secretHash: over };
    const rotated = await this.writer.rotate(record, grace, fields, this.cause);
    if (rotated === 'gone') return 'gone';
    if (rotated === 'stale') {
      this.match = 'former';
      return 'stale';
    }
    this.deliver(rotated.record, rotated.secret);
    return 'renewed';
  }
}
