import type { ServerResponse } from 'node:http';
import { Controller, Get, Headers, HttpCode, Inject, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { OwnAuthentication } from 'nest-gatehouse/common';
import { SkipSession } from 'nest-gatehouse/session';
import type { z } from 'zod';
import { IdempotentCalls, type KeptAnswer } from '../idempotency/idempotent-calls.service.js';
import type { ResolvedSessmanOptions } from '../sessman.options.js';
import { SESSMAN_OPTIONS } from '../sessman.tokens.js';
import { ProgramSessions } from '../sessions/program-sessions.service.js';
import { ApiKeyGuard, NeedsScope } from './api-key.guard.js';
import { CallerOf, type Caller } from './caller.js';
import { dataChanges, dataText } from './data-text.js';
import { versionAskedFor } from './if-match.js';
import { readBody, type BodyRequest } from './request-body.js';
import {
  batchBody,
  getQuery,
  listQuery,
  newBody,
  noBody,
  patchBody,
  QueryOf,
  sessionQuery,
  updateBody,
  userQuery,
} from './requests.js';
import { sessionAnswer, sessionText } from './session-answer.js';

type Bearer = Readonly<Record<string, string | undefined>>;
type Response = ServerResponse;

/** Sessions for other programs. All routes are for API keys; a key sees the sessions of its own namespace. */
@Controller()
@OwnAuthentication()
@SkipSession()
@UseGuards(ApiKeyGuard)
export class SessmanController {
  constructor(
    @Inject(SESSMAN_OPTIONS) private readonly options: ResolvedSessmanOptions,
    private readonly sessions: ProgramSessions,
    private readonly calls: IdempotentCalls,
    private readonly host: HttpAdapterHost,
  ) {}

  @Post('new')
  @NeedsScope('sessions:write')
  async create(
    @CallerOf() { keyId, namespace }: Caller,
    @Query(new QueryOf(userQuery)) { userid: user }: z.output<typeof userQuery>,
    @Req() request: BodyRequest,
    @Headers() headers: Bearer,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const body = await this.#body(request, newBody(this.options.maxTtl));
    const data = dataText(body.data);
    const call = { keyId, key: headers['idempotency-key'], request: ['POST', 'new', user, data, body.ttl] };
    const answer = await this.calls.run(call, async () =>
      sessionAnswer(await this.sessions.create({ namespace, user }, data, body.ttl), 201),
    );
    return this.#send(response, answer);
  }

  @Post('update')
  @NeedsScope('sessions:write')
  async update(
    @CallerOf() { namespace }: Caller,
    @Query(new QueryOf(sessionQuery)) { sessionid }: z.output<typeof sessionQuery>,
    @Req() request: BodyRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const version = versionAskedFor(ifMatch);
    const { data } = await this.#body(request, updateBody);
    return this.#send(
      response,
      sessionAnswer(await this.sessions.replace(namespace, sessionid, dataText(data), version)),
    );
  }

  @Post('patch')
  @NeedsScope('sessions:write')
  async patch(
    @CallerOf() { keyId, namespace }: Caller,
    @Query(new QueryOf(sessionQuery)) { sessionid }: z.output<typeof sessionQuery>,
    @Req() request: BodyRequest,
    @Headers() headers: Bearer,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const version = versionAskedFor(headers['if-match']);
    const body = await this.#body(request, patchBody);
    const changes = dataChanges(body);
    const call = { keyId, key: headers['idempotency-key'], request: ['POST', 'patch', sessionid, version, body] };
    const answer = await this.calls.run(call, async () =>
      sessionAnswer(await this.sessions.patch(namespace, sessionid, changes, version)),
    );
    return this.#send(response, answer);
  }

  @Get('get')
  @NeedsScope('sessions:read')
  async get(
    @CallerOf() { namespace }: Caller,
    @Query(new QueryOf(getQuery)) { sessionid, userid }: z.output<typeof getQuery>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.#send(response, sessionAnswer(await this.sessions.get(namespace, sessionid, userid)));
  }

  /** The same as `GET`, for clients that post everything. */
  @Post('get')
  @HttpCode(200)
  @NeedsScope('sessions:read')
  postGet(
    @CallerOf() caller: Caller,
    @Query(new QueryOf(getQuery)) query: z.output<typeof getQuery>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.get(caller, query, response);
  }

  @Post('touch')
  @NeedsScope('sessions:write')
  async touch(
    @CallerOf() { namespace }: Caller,
    @Query(new QueryOf(sessionQuery)) { sessionid }: z.output<typeof sessionQuery>,
    @Req() request: BodyRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const version = versionAskedFor(ifMatch);
    await this.#body(request, noBody);
    return this.#send(response, sessionAnswer(await this.sessions.touch(namespace, sessionid, version)));
  }

  @Post('delete')
  @HttpCode(204)
  @NeedsScope('sessions:write')
  async delete(
    @CallerOf() { namespace }: Caller,
    @Query(new QueryOf(sessionQuery)) { sessionid }: z.output<typeof sessionQuery>,
  ): Promise<void> {
    await this.sessions.end(namespace, sessionid);
  }

  @Get('list')
  @NeedsScope('sessions:list')
  async list(
    @CallerOf() { namespace }: Caller,
    @Query(new QueryOf(listQuery)) { userid: user, ...page }: z.output<typeof listQuery>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const { items, next } = await this.sessions.list({ namespace, user }, page);
    return this.#json(response, `{"items":[${items.map(sessionText).join(',')}],"next":${JSON.stringify(next)}}`);
  }

  @Post('batch-get')
  @HttpCode(200)
  @NeedsScope('sessions:read')
  async batchGet(
    @CallerOf() { namespace }: Caller,
    @Req() request: BodyRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const { sessionids } = await this.#body(request, batchBody);
    const ids = [...new Set(sessionids)];
    const found = await this.sessions.getAll(namespace, ids);
    const there = new Set(found.map(({ id }) => id));
    const missing = ids.filter((id) => !there.has(id));
    return this.#json(response, `{"items":[${found.map(sessionText).join(',')}],"missing":${JSON.stringify(missing)}}`);
  }

  #body<T>(request: BodyRequest, schema: z.ZodType<T>): Promise<T> {
    // Escapes of JSON may take six bytes for one of the data.
    return readBody(request, schema, 6 * this.options.maxDataBytes);
  }

  #send(response: Response, { status, etag, body }: KeptAnswer): string {
    const { httpAdapter } = this.host;
    httpAdapter.status(response, status);
    httpAdapter.setHeader(response, 'ETag', etag);
    return this.#json(response, body);
  }

  #json(response: Response, text: string): string {
    const { httpAdapter } = this.host;
    httpAdapter.setHeader(response, 'Content-Type', 'application/json; charset=utf-8');
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    return text;
  }
}
