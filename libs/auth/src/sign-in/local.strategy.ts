import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-local';
import { bodyField, visitorOf, type HttpRequest } from '../http/http-request.js';
import { loginBody } from '../http/request-bodies.js';
import type { SignedInUser } from '../storage/user-record.js';
import { AuthService } from './auth.service.js';

export const LOCAL_STRATEGY = 'gatehouse-local';

/**
 * For applications that use passport: signs in as `POST /auth/login` does, the session included, behind
 * `AuthGuard('gatehouse-local')`. List it in the `providers` of a module, and mark the route `@Public()`.
 *
 * passport-local gets only the body of the request. It would read the query string as well, but addresses end up in
 * logs and browser histories (OWASP ASVS 5.0, 14.2.1).
 */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, LOCAL_STRATEGY) {
  constructor(private readonly auth: AuthService) {
    super({ passReqToCallback: true });
  }

  override authenticate(request: Parameters<Strategy['authenticate']>[0]): void {
    const withoutQuery = { query: { value: {} }, body: { value: (request.body as object | undefined) ?? {} } };
    super.authenticate(Object.create(request, withoutQuery) as typeof request);
  }

  /** @throws 401 `invalid_credentials`, 429 `too_many_attempts`, 503 */
  validate(request: HttpRequest, username: unknown, password: unknown): Promise<SignedInUser> {
    const remember = loginBody.shape.remember.safeParse(bodyField(request.body, 'remember')).data ?? false;
    return this.auth.login(visitorOf(request), { username, password }, remember);
  }
}
