import { Body, Controller, Get, Optional, Param, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { PageForm } from 'nest-gatehouse/auth';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { pageQuery } from 'nest-gatehouse/common';
import {
  ApiKeys,
  type ApiKeyInfoList,
  type CreateApiKey,
  type IssuedApiKey,
  type RotateApiKey,
} from 'nest-gatehouse/sessman';
import { notInstalled, orCursorInvalid } from '../../admin.problems.js';
import { actorOf, Changes, ForAdministrators } from '../../routes/administrator.js';
import { ConsoleAnswers } from '../answers/console-answers.js';
import { ConsoleProblems } from '../answers/console-problems.interceptor.js';
import { doneOf } from '../answers/done.js';
import { fieldsOf, inUtc, readFields, valuesOf } from '../answers/page-query.js';
import type { ConsolePage } from '../console-page.js';
import { createAction, revokeAction, rotateAction } from './api-key-actions.js';

/** API keys: list, create, rotate, revoke. */
@Controller('admin/api-keys')
@ForAdministrators()
@UseInterceptors(ConsoleProblems)
export class ApiKeysPageController {
  constructor(
    private readonly answers: ConsoleAnswers,
    @Optional() private readonly installed?: ApiKeys,
  ) {}

  @Get()
  async show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    const fields = fieldsOf(request.query);
    const { query, problem } = readFields(pageQuery, fields);
    const list: ApiKeyInfoList | null = query && (await orCursorInvalid(this.#keys().list(query)));
    const values = { list, isFirst: query?.cursor === undefined, done: doneOf(fields) };
    const page = { template: 'api-keys/api-keys', title: 'API keys', section: 'api-keys', values } as const;
    return this.answers.show(request, response, page, problem);
  }

  @Get('new')
  @Changes()
  askToCreate(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): string {
    this.#keys();
    return this.answers.ask(request, response, createAction([]));
  }

  @Post('new')
  @Changes()
  @PageForm()
  create(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Body() body: unknown,
  ): Promise<string | undefined> {
    const scopes = valuesOf(body, 'scopes');
    return this.answers.reveal(request, response, createAction(scopes), async () => {
      const { namespace = '', owner, expiresAt } = fieldsOf(body);
      const wanted = { namespace, scopes, owner, expiresAt: expiresAt && inUtc(expiresAt) };
      // What was typed is checked by what creates the key.
      return secretPage(await this.#keys().create(wanted as CreateApiKey, actorOf(request)), 'was created');
    });
  }

  @Get(':id/rotate')
  @Changes()
  async askToRotate(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('id') id: string,
  ): Promise<string> {
    return this.answers.ask(request, response, rotateAction(await this.#keys().read(id)));
  }

  @Post(':id/rotate')
  @Changes()
  @PageForm()
  async rotate(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('id') id: string,
  ): Promise<string | undefined> {
    const action = rotateAction(await this.#keys().read(id));
    return this.answers.reveal(request, response, action, async () => {
      const { overlap } = fieldsOf(request.body);
      return secretPage(await this.#keys().rotate(id, { overlap } as RotateApiKey, actorOf(request)), 'was rotated');
    });
  }

  @Get(':id/revoke')
  @Changes()
  async askToRevoke(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('id') id: string,
  ): Promise<string> {
    return this.answers.ask(request, response, revokeAction(await this.#keys().read(id)));
  }

  @Post(':id/revoke')
  @Changes()
  @PageForm()
  async revoke(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('id') id: string,
  ): Promise<string | undefined> {
    const action = revokeAction(await this.#keys().read(id));
    return this.answers.perform(request, response, action, async () => {
      await this.#keys().revoke(id, actorOf(request));
      return '/api-keys?done=revoked';
    });
  }

  #keys(): ApiKeys {
    if (!this.installed) throw notInstalled('API keys', 'ApiKeysModule or SessmanModule');
    return this.installed;
  }
}

function secretPage({ namespace, key }: IssuedApiKey, what: string): ConsolePage {
  return {
    template: 'parts/secret',
    title: `The key ${what}`,
    section: 'api-keys',
    values: {
      label: `Key of ${namespace}`,
      secret: key,
      lead: 'Keep it where only its program reads it. It is shown only now, and kept nowhere here.',
      next: { path: '/api-keys', label: 'Back to the API keys' },
    },
  };
}
