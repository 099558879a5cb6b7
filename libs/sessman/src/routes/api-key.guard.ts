import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { clientOf } from 'nest-gatehouse/common';
import { ApiKeyEvents, type ApiKeyActor } from '../keys/api-key.events.js';
import { ApiKeys } from '../keys/api-keys.service.js';
import type { ResolvedSessmanOptions } from '../sessman.options.js';
import { apiKeyInvalid, apiKeyRequired, loopbackOnly, rateLimited, scopeMissing } from '../sessman.problems.js';
import { SESSMAN_OPTIONS } from '../sessman.tokens.js';
import { API_KEY_SCOPES, type ApiKeyScope } from '../storage/api-key-store.js';
import { rememberCaller, type Caller } from './caller.js';
import { isLoopback } from './loopback.js';
import { RequestRates } from './request-rates.js';

type GuardedRequest = (IncomingMessage | { readonly raw: IncomingMessage }) & {
  readonly headers: IncomingMessage['headers'];
};
type GuardedResponse = ServerResponse | { readonly raw: ServerResponse };

type SetHeader = (name: string, value: string) => void;

interface Admitted extends Caller {
  readonly scopes: readonly ApiKeyScope[];
}

const NEEDED_SCOPE = 'gatehouse:scope';
const BEARER = /^Bearer +(\S+) *$/i;
const CHALLENGE = 'Bearer realm="sessman"';
const ANYBODY: Admitted = { keyId: 'none', namespace: 'default', scopes: API_KEY_SCOPES };

/** On a handler behind `ApiKeyGuard`: the scope that its callers need. */
export const NeedsScope = (scope: ApiKeyScope) => SetMetadata(NEEDED_SCOPE, scope);

/**
 * Admits callers by their API key, which is taken from `Authorization: Bearer` and from nowhere else (RFC 6750), counts
 * the request for the key, and checks the scope that the handler needs.
 */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    @Inject(SESSMAN_OPTIONS) private readonly options: ResolvedSessmanOptions,
    private readonly keys: ApiKeys,
    private readonly events: ApiKeyEvents,
    private readonly rates: RequestRates,
    private readonly reflector: Reflector,
    private readonly host: HttpAdapterHost,
  ) {}

  /** @throws 401 `api_key_required`, `api_key_invalid`, 403 `scope_missing`, 429 `rate_limited` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<GuardedRequest>();
    const response = http.getResponse<GuardedResponse>();
    const set: SetHeader = (name, value) => void this.host.httpAdapter.setHeader(response, name, value);
    if (!rawOf(response).hasHeader('x-request-id')) set('X-Request-Id', randomUUID());

    const caller = await this.#admit(request, set);
    const verdict = await this.rates.count(caller.keyId);
    for (const [name, value] of Object.entries<string>({ ...verdict?.headers })) set(name, value);
    if (verdict && verdict.refusedFor !== null) throw rateLimited(verdict.refusedFor);

    const scope = this.reflector.get<ApiKeyScope | undefined>(NEEDED_SCOPE, context.getHandler());
    if (scope !== undefined && !caller.scopes.includes(scope)) {
      const { keyId: id, namespace } = caller;
      this.events.emit('api_key.refused', { id, namespace, reason: 'scope', by: originOf(request) });
      set('WWW-Authenticate', `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`);
      throw scopeMissing(scope);
    }
    rememberCaller(request, caller);
    return true;
  }

  async #admit(request: GuardedRequest, set: SetHeader): Promise<Admitted> {
    if (this.options.auth === 'none') {
      const { localAddress } = rawOf(request).socket;
      // A Unix socket has no address, and is this machine's own.
      if (localAddress !== undefined && !isLoopback(localAddress)) throw loopbackOnly();
      return ANYBODY;
    }
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (key === undefined) {
      set('WWW-Authenticate', CHALLENGE);
      throw apiKeyRequired();
    }
    const record = await this.keys.authenticate(key, originOf(request));
    if (record === null) {
      set('WWW-Authenticate', `${CHALLENGE}, error="invalid_token"`);
      throw apiKeyInvalid();
    }
    return { keyId: record.id, namespace: record.namespace, scopes: record.scopes };
  }
}

function originOf(request: GuardedRequest): ApiKeyActor {
  return { ip: clientOf(request).ip, userAgent: request.headers['user-agent'] ?? null };
}

function rawOf<T extends object>(either: T | { readonly raw: T }): T {
  return 'raw' in either ? either.raw : either;
}
