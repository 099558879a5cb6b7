import { Injectable } from '@nestjs/common';
import { Clock } from 'nest-gatehouse/common';
import { describeSession } from 'nest-gatehouse/session';
import { requireCurrentSecret } from 'nest-gatehouse/session/identity';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuditService } from '../audit/audit.service.js';
import { AuthService } from '../sign-in/auth.service.js';
import { networkOf, type Visitor } from '../http/http-request.js';
import { NOT_ONE_TIME } from '../passwords/one-time-password.js';
import { PasswordPolicy } from '../passwords/password-policy.js';
import { Passwords } from '../passwords/passwords.js';
import { changedMeanwhile, notSignedIn, passwordRejected } from '../auth.problems.js';
import { UserSessions } from '../users/user-sessions.service.js';
import type { UserRecord } from '../storage/user-store.js';

/** A user changes their own password (OWASP ASVS 5.0, 6.2.2, 6.2.3, 7.4.3). */
@Injectable()
export class PasswordChangeService {
  constructor(
    private readonly auth: AuthService,
    private readonly policy: PasswordPolicy,
    private readonly passwords: Passwords,
    private readonly userSessions: UserSessions,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * Ends the user's other sessions and swaps this one's secret without grace.
   * @throws 401 `invalid_credentials`, 422 `password_rejected`, 429, 409 `conflict` if the account was changed
   * meanwhile, or the request came with the secret from before the last renewal, 503
   */
  async change(visitor: Visitor, user: UserRecord, currentPassword: unknown, newPassword: string): Promise<void> {
    const { session } = visitor;
    const info = describeSession(session);
    if (!session || !info) throw notSignedIn();
    await requireCurrentSecret(session);
    const verified = await this.auth.confirmPassword(visitor, user, currentPassword, 'at a password change', true);
    if (newPassword.normalize('NFC') === (currentPassword as string).normalize('NFC'))
      throw passwordRejected('newPassword', ['must be another one than before']);
    await this.policy.require('newPassword', newPassword, [user.username]);
    const hashed = await this.passwords.hash(newPassword, {
      network: networkOf(visitor),
      username: user.canonicalUsername,
      isKnown: true,
    });
    const now = this.clock.now();
    const changed = await this.userSessions.end(user.id, {
      reason: 'password_changed',
      changes: { ...hashed, ...NOT_ONE_TIME, passwordChangedAt: now, mustChangePassword: false, rightsChangedAt: now },
      // Not the hash, which a sign-in at the same time may replace by one of another cost or pepper. A changed password
      // raises the epoch.
      expected: { epoch: verified.epoch },
      keep: { session, proof: { authTime: now, amr: info.amr } },
      cause: auditOriginOf(visitor),
    });
    if (!changed) throw changedMeanwhile();
    const { ip = null, userAgent = null } = visitor;
    await this.audit.record('password.changed', {
      actorId: user.id,
      userId: user.id,
      handle: info.handle,
      ip,
      userAgent,
    });
  }
}
