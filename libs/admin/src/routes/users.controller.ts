import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Patch, Post, Query, Req } from '@nestjs/common';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { BodyOf, pageQuery } from 'nest-gatehouse/common';
import { z } from 'zod';
import { AccountExport } from '../accounts/account-export.service.js';
import type { AccountDetails, AccountView } from '../accounts/account-views.js';
import { AccountsService, type AccountList, type CreatedAccount } from '../accounts/accounts.service.js';
import { usernamePrefix } from '../terms/query-fields.js';
import { actorOf, Changes, ForAdministrators, NotStored } from './administrator.js';

const roles = z.array(z.string('expected a text'), 'expected a list of roles');

export const usersQuery = pageQuery.extend({ prefix: usernamePrefix.optional() });
export const createUserBody = z.strictObject({ username: z.string('expected a text'), roles: roles.default([]) });
export const changeUserBody = z
  .strictObject({ roles: roles.optional(), disabled: z.boolean('expected true or false').optional() })
  .refine(({ roles, disabled }) => roles !== undefined || disabled !== undefined, {
    path: ['roles'],
    message: 'expected roles or disabled, or both',
  });

/** Accounts: list, create, change, export, delete. */
@Controller('admin/api/users')
@ForAdministrators()
export class UsersController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly exported: AccountExport,
  ) {}

  @Get()
  @NotStored()
  list(@Query(new BodyOf(usersQuery)) page: z.output<typeof usersQuery>): Promise<AccountList> {
    return this.accounts.list(page);
  }

  @Post()
  @Changes()
  @NotStored()
  create(
    @Req() request: HttpRequest,
    @Body(new BodyOf(createUserBody)) { username, roles }: z.output<typeof createUserBody>,
  ): Promise<CreatedAccount> {
    return this.accounts.create(username, roles, actorOf(request));
  }

  @Get(':id')
  @NotStored()
  read(@Param('id') id: string): Promise<AccountDetails> {
    return this.accounts.read(id);
  }

  @Patch(':id')
  @Changes()
  @NotStored()
  change(
    @Req() request: HttpRequest,
    @Param('id') id: string,
    @Body(new BodyOf(changeUserBody)) changes: z.output<typeof changeUserBody>,
  ): Promise<AccountView> {
    return this.accounts.change(id, changes, actorOf(request));
  }

  @Post(':id/unlock')
  @Changes()
  @HttpCode(HttpStatus.OK)
  @NotStored()
  unlock(@Req() request: HttpRequest, @Param('id') id: string): Promise<AccountView> {
    return this.accounts.unlock(id, actorOf(request));
  }

  @Post(':id/require-password-change')
  @Changes()
  @HttpCode(HttpStatus.OK)
  @NotStored()
  requirePasswordChange(@Req() request: HttpRequest, @Param('id') id: string): Promise<AccountView> {
    return this.accounts.requirePasswordChange(id, actorOf(request));
  }

  @Delete(':id/sessions')
  @Changes()
  @NotStored()
  async endSessions(@Req() request: HttpRequest, @Param('id') id: string): Promise<{ ended: number }> {
    return { ended: await this.accounts.endSessions(id, actorOf(request)) };
  }

  @Get(':id/export')
  @NotStored()
  export(@Req() request: HttpRequest, @Param('id') id: string): Promise<object> {
    return this.exported.read(id, actorOf(request));
  }

  @Delete(':id')
  @Changes()
  @HttpCode(HttpStatus.NO_CONTENT)
  delete(@Req() request: HttpRequest, @Param('id') id: string): Promise<void> {
    return this.accounts.delete(id, actorOf(request));
  }
}
