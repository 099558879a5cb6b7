import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Optional, Param, Post, Query, Req } from '@nestjs/common';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { BodyOf, pageQuery } from 'nest-gatehouse/common';
import {
  ApiKeys,
  type ApiKeyInfoList,
  type CreateApiKey,
  type IssuedApiKey,
  type RotateApiKey,
} from 'nest-gatehouse/sessman';
import type { z } from 'zod';
import { notInstalled, orCursorInvalid } from '../admin.problems.js';
import { actorOf, Changes, ForAdministrators, NotStored } from './administrator.js';

/** API keys: list, create, rotate, revoke. 404 `not_installed` where the application has no `ApiKeysModule`. */
@Controller('admin/api/api-keys')
@ForAdministrators()
export class ApiKeysController {
  constructor(@Optional() private readonly installed?: ApiKeys) {}

  @Get()
  @NotStored()
  list(@Query(new BodyOf(pageQuery)) page: z.output<typeof pageQuery>): Promise<ApiKeyInfoList> {
    return orCursorInvalid(this.#keys().list(page));
  }

  @Post()
  @Changes()
  @NotStored()
  create(@Req() request: HttpRequest, @Body() body: CreateApiKey): Promise<IssuedApiKey> {
    return this.#keys().create(body ?? {}, actorOf(request));
  }

  @Post(':id/rotate')
  @Changes()
  @HttpCode(HttpStatus.OK)
  @NotStored()
  rotate(
    @Req() request: HttpRequest,
    @Param('id') id: string,
    @Body() body: RotateApiKey | undefined,
  ): Promise<IssuedApiKey> {
    return this.#keys().rotate(id, body ?? {}, actorOf(request));
  }

  @Delete(':id')
  @Changes()
  @HttpCode(HttpStatus.NO_CONTENT)
  revoke(@Req() request: HttpRequest, @Param('id') id: string): Promise<void> {
    return this.#keys().revoke(id, actorOf(request));
  }

  #keys(): ApiKeys {
    if (!this.installed) throw notInstalled('API keys', 'ApiKeysModule or SessmanModule');
    return this.installed;
  }
}
