import { applyDecorators, Header } from '@nestjs/common';
import { RequireRecentAuth, Roles } from 'nest-gatehouse/auth';
import {
  ADMINISTRATOR_ROLE,
  auditOriginOf,
  type AuditOrigin,
  type HttpRequest,
  visitorOf,
} from 'nest-gatehouse/auth/http';

/** How long the password counts as given just now, for what changes or destroys something (OWASP ASVS 5.0, 7.5.3). */
export const RECENT = '15m';

/** On a controller: for administrators only. */
export const ForAdministrators = () => Roles(ADMINISTRATOR_ROLE);

/** On a handler that changes something: the password must have been given within a quarter of an hour. */
export const Changes = () => RequireRecentAuth(RECENT);

/** Who acts, and from where, for the audit trail. */
export const actorOf = (request: HttpRequest): AuditOrigin => auditOriginOf(visitorOf(request));

/** On a handler that answers with what nobody else should see, also not from a cache. */
export const NotStored = () => applyDecorators(Header('Cache-Control', 'no-store'));
