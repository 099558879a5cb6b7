import { Inject, Injectable } from '@nestjs/common';
import { Clock, ProblemException } from 'nest-gatehouse/common';
import { describeSession, type Session, SessionService } from 'nest-gatehouse/session';
import { confirmIdentity, requireCurrentSecret, signIn } from 'nest-gatehouse/session/identity';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuditService, type AuditNote } from '../audit/audit.service.js';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { AuthStorage } from '../storage/auth-storage.js';
import { CredentialsVerifier, type Verdict } from './credentials.verifier.js';
import { SignedInUsers, type SignedIn } from '../access/signed-in.js';
import { networkOf, type HttpRequest, type Visitor } from '../http/http-request.js';
import { invalidCredentials, wrongPassword } from '../auth.problems.js';
import { SessionLimit, userLock } from '../users/session-limit.js';
import { hasSamePassword, KNOWN_NETWORKS, toSignedInUser, type SignedInUser } from '../storage/user-record.js';
import { UserSessions } from '../users/user-sessions.service.js';
import type { UserRecord } from '../storage/user-store.js';

/** As they were sent: a value that is no text counts as a wrong one. */
export interface Credentials {
  readonly username: unknown;
  readonly password: unknown;
}

export interface EstablishOptions {
  /** Whether the session outlives the browser, within `remember`'s own lifetimes. Default false. */
  readonly remember?: boolean;
  /** How the user proved who they are (RFC 8176). Default `['pwd']`. */
  readonly amr?: readonly string[];
  /** Authenticator assurance level (NIST SP 800-63B-4). Default none. */
  readonly aal?: number;
}

const PASSWORD_ONLY: readonly string[] = ['pwd'];

/** Signs in by username and password, and signs out. The session is that of the visitor's own request. */
@Injectable()
export class AuthService {
  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    private readonly storage: AuthStorage,
    private readonly verifier: CredentialsVerifier,
    private readonly sessions: SessionService,
    private readonly userSessions: UserSessions,
    private readonly limit: SessionLimit,
    private readonly audit: AuditService,
    private readonly users: SignedInUsers,
    private readonly clock: Clock,
  ) {}

  /**
   * Who is signed in on this request, by the current account. For middleware, which runs before the guards: after them
   * `signedInOf(request)` knows. @throws 503 `store_unavailable`
   */
  findSignedIn(request: HttpRequest): Promise<SignedIn | undefined> {
    return this.users.find(request, request.session);
  }

  /**
   * @throws 401 `invalid_credentials`, 429 `too_many_attempts`, 503 `busy`, 409 `session_limit`, 503
   * `store_unavailable`
   */
  async login(visitor: Visitor, { username, password }: Credentials, remember = false): Promise<SignedInUser> {
    sessionOf(visitor);
    const typed = typeof username === 'string' ? username : null;
    const verdict = await this.#watched(visitor, { username: typed }, () =>
      this.verifier.verify(username, password, visitor),
    );
    if (!verdict.verified) {
      const { user, reason } = verdict;
      // A browser's form sends texts only: objects and query operators are an attempt to get around the check.
      const isText = typed !== null && typeof password === 'string';
      await this.audit.record('login.failed', {
        ...auditOriginOf(visitor),
        userId: user?.id ?? null,
        username: user ? null : typed,
        detail: isText ? reason : `${reason} not_text`,
      });
      throw invalidCredentials();
    }
    return this.establish(visitor, verdict.user, { remember });
  }

  /**
   * Signs in a user whose identity was proved by any means: gives the request a new session under a new handle; of the
   * former one only `carryOver` is kept (OWASP ASVS 5.0, 7.2.4). @param user as it was when the identity was proved
   * @throws 401 `invalid_credentials` if the account was changed since, 409, 503
   */
  async establish(visitor: Visitor, user: UserRecord, options: EstablishOptions = {}): Promise<SignedInUser> {
    const before = sessionOf(visitor);
    const { remember = false, amr = PASSWORD_ONLY, aal = null } = options;
    return this.sessions.exclusively(userLock(user.id), async () => {
      // The epoch is read first: whoever raises it has changed the account before.
      const userEpoch = await this.userSessions.epoch(user.id, user.epoch);
      const present = await this.#unchanged(visitor, user);
      await this.#makeRoom(visitor, user);
      const now = this.clock.now();
      const knownNetworks = withNetwork(present.knownNetworks, networkOf(visitor));
      // The lock may have expired meanwhile, so the update requires that the epoch is still the one read above.
      const { epoch } = present;
      const updated = await this.storage.ask('users.update', () =>
        this.storage.users.update(user.id, { knownNetworks, lastSignInAt: now }, { epoch }),
      );
      if (!updated) throw await this.#changedMeanwhile(visitor, user);
      const session = await signIn(before, {
        identity: { userId: user.id, username: user.canonicalUsername, userEpoch, authTime: now, amr, aal },
        carryOver: this.options.carryOver,
        ...this.#lifetimes(remember, now),
      });
      const { handle } = describeSession(session)!;
      await this.audit.record('login.ok', {
        ...auditOriginOf(visitor),
        actorId: user.id,
        userId: user.id,
        handle,
        detail: amr.join(' '),
      });
      return toSignedInUser(present);
    });
  }

  /** Works without a session too: the cookie is cleared in any case. @throws 503 `store_unavailable` */
  async logout(visitor: Visitor): Promise<void> {
    const { session } = visitor;
    const userId = describeSession(session)?.userId ?? null;
    const origin = auditOriginOf(visitor);
    await session?.destroy();
    if (userId !== null) await this.audit.record('logout', { ...origin, userId });
  }

  /**
   * Checks the password again: `authTime` becomes now, and the secret is swapped without grace. @throws 401
   * `invalid_credentials`, 429, 409 `conflict` if the request came with the secret from before the last renewal:
   * another answer carries the current one; 503
   */
  async reauthenticate(visitor: Visitor, user: UserRecord, password: unknown): Promise<void> {
    const session = sessionOf(visitor);
    await requireCurrentSecret(session);
    const verified = await this.confirmPassword(visitor, user, password, 'at re-authentication');
    const { amr } = describeSession(session)!;
    await confirmIdentity(session, { authTime: this.clock.now(), amr: [...new Set([...amr, ...PASSWORD_ONLY])] });
    await this.audit.record('reauthenticated', { ...auditOriginOf(visitor), userId: verified.id });
  }

  /**
   * Checks the password of a user who is signed in, counted like any other attempt. @param isToChange whether it is
   * about to be replaced: a one-time password is still accepted for this after its one sign-in. @throws 401
   * `invalid_credentials`, 429, 503
   */
  async confirmPassword(
    visitor: Visitor,
    user: UserRecord,
    password: unknown,
    occasion: string,
    isToChange = false,
  ): Promise<UserRecord> {
    const who = { actorId: user.id, userId: user.id };
    const verdict = await this.#watched(visitor, who, () =>
      this.verifier.verifyUser(user, password, visitor, isToChange),
    );
    if (verdict.verified) return verdict.user;
    const detail = `${verdict.reason} ${occasion}`;
    await this.audit.record('login.failed', { ...auditOriginOf(visitor), ...who, detail });
    throw wrongPassword();
  }

  async #watched(visitor: Visitor, who: AuditNote, verify: () => Promise<Verdict>): Promise<Verdict> {
    try {
      return await verify();
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      const note = { ...auditOriginOf(visitor), ...who };
      if (code === 'too_many_attempts') await this.audit.record('login.throttled', note);
      else if (code === 'busy') await this.audit.record('login.refused', { ...note, detail: code });
      throw error;
    }
  }

  async #makeRoom(visitor: Visitor, user: UserRecord): Promise<void> {
    const origin = { ...auditOriginOf(visitor), actorId: user.id };
    try {
      await this.limit.makeRoom(user.id, describeSession(visitor.session)?.handle, origin);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'session_limit')
        await this.audit.record('login.refused', { ...origin, userId: user.id, detail: 'session_limit' });
      throw error;
    }
  }

  /** The proof counts only if the account is unchanged: the password may have been changed while it was hashed. */
  async #unchanged(visitor: Visitor, user: UserRecord): Promise<UserRecord> {
    const present = await this.storage.ask('users.find', () => this.storage.users.findById(user.id));
    if (present && !present.disabled && present.epoch === user.epoch && hasSamePassword(user, present)) return present;
    throw await this.#changedMeanwhile(visitor, user);
  }

  async #changedMeanwhile(visitor: Visitor, user: UserRecord): Promise<ProblemException> {
    await this.audit.record('login.failed', {
      ...auditOriginOf(visitor),
      userId: user.id,
      detail: 'changed_meanwhile',
    });
    return invalidCredentials();
  }

  #lifetimes(remember: boolean, now: number) {
    if (!remember || this.options.remember === false) return {};
    const { idleTimeout, absoluteTimeout } = this.options.remember;
    return { persistent: true, idleTimeout, absoluteExpiresAt: now + absoluteTimeout };
  }
}

/** The latest first. An unknown network is not remembered. */
function withNetwork(known: readonly string[], network: string | null): readonly string[] {
  if (network === null) return known;
  return [network, ...known.filter((other) => other !== network)].slice(0, KNOWN_NETWORKS);
}

function sessionOf({ session }: Visitor): Session {
  if (!session)
    throw new Error('Signing in needs a session: this route is excluded from sessions, or has @SkipSession().');
  return session;
}
