import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-local';
import type { Credentials } from './auth.service.js';
import type { SignedInUser } from '../storage/user-record.js';

export const LOCAL_STRATEGY = 'gatehouse-local';

/** What the guard of an application hands to the strategy, which all applications of a process share. */
export interface LocalStrategyOptions {
  /** From the body alone. */
  readonly credentials: Credentials;
  readonly verify: (credentials: Credentials) => Promise<SignedInUser>;
}

/** passport-local refuses an empty field by itself, in no time, and looks into objects; behind a function everything is as wrong as anything else. */
type Field = () => unknown;

/**
 * passport-local, shown a request that has nothing but a body: it would read the query string as well, and what is in an address is in logs and histories
 * (OWASP ASVS 5.0, 14.2.1).
 */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, LOCAL_STRATEGY) {
  constructor() {
    super({ passReqToCallback: true });
  }

  override authenticate(_request: unknown, options: LocalStrategyOptions): void {
    const { username, password } = options.credentials;
    const body: Record<keyof Credentials, Field> = { username: () => username, password: () => password };
    const attempt = { body, verify: options.verify };
    super.authenticate(attempt as unknown as Parameters<Strategy['authenticate']>[0]);
  }

  validate({ verify }: Pick<LocalStrategyOptions, 'verify'>, username: Field, password: Field): Promise<SignedInUser> {
    return verify({ username: username(), password: password() });
  }
}
