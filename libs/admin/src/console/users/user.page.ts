import { Controller, Get, Param, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { PageForm } from 'nest-gatehouse/auth';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import type { AccountDetails } from '../../accounts/account-views.js';
import { AccountsService } from '../../accounts/accounts.service.js';
import { pageNotFound } from '../../admin.problems.js';
import { actorOf, Changes, ForAdministrators } from '../../routes/administrator.js';
import { ConsoleAnswers } from '../answers/console-answers.js';
import { ConsoleProblems } from '../answers/console-problems.interceptor.js';
import { doneOf, type Done } from '../answers/done.js';
import { fieldsOf, type Fields } from '../answers/page-query.js';
import type { ActionPage } from '../console-page.js';
import { SessionTable } from '../sessions/session-table.js';
import { rolesOf } from './roles-field.js';
import { isUserAction, USER_ACTIONS, type UserAction } from './user-actions.js';

const LATEST = 10;

/** One account, and what an administrator can do to it. */
@Controller('admin/users/:id')
@ForAdministrators()
@UseInterceptors(ConsoleProblems)
export class UserPageController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly table: SessionTable,
    private readonly answers: ConsoleAnswers,
  ) {}

  @Get()
  async show(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('id') id: string,
  ): Promise<string> {
    const user = await this.accounts.read(id);
    const query = { user: user.username, state: 'live', sort: '-createdAt', limit: LATEST, total: false } as const;
    const values = { user, list: await this.table.read(query), done: doneOf(fieldsOf(request.query)) };
    const page = { template: 'users/user', title: user.username, section: 'users', values } as const;
    return this.answers.show(request, response, page);
  }

  @Get(':action')
  @Changes()
  async ask(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('id') id: string,
    @Param('action') name: string,
  ): Promise<string> {
    return this.answers.ask(request, response, actionOf(name, await this.accounts.read(id)));
  }

  @Post(':action')
  @Changes()
  @PageForm()
  async act(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('id') id: string,
    @Param('action') name: string,
  ): Promise<string | undefined> {
    const action = actionOf(name, await this.accounts.read(id));
    return this.answers.perform(request, response, action, async () => {
      const done = await this.#perform(name as UserAction, id, request);
      return done === 'deleted' ? `/users?done=${done}` : `${action.back}?done=${done}`;
    });
  }

  async #perform(action: UserAction, id: string, request: HttpRequest): Promise<Done> {
    const by = actorOf(request);
    const { roles }: Fields = fieldsOf(request.body);
    switch (action) {
      case 'disable':
        await this.accounts.change(id, { disabled: true }, by);
        return 'disabled';
      case 'enable':
        await this.accounts.change(id, { disabled: false }, by);
        return 'enabled';
      case 'unlock':
        await this.accounts.unlock(id, by);
        return 'unlocked';
      case 'roles':
        await this.accounts.change(id, { roles: rolesOf(roles) }, by);
        return 'roles';
      case 'require-password-change':
        await this.accounts.requirePasswordChange(id, by);
        return 'password-change';
      case 'end-sessions':
        await this.accounts.endSessions(id, by);
        return 'sessions-ended';
      case 'delete':
        await this.accounts.delete(id, by);
        return 'deleted';
    }
  }
}

function actionOf(name: string, user: AccountDetails): ActionPage {
  if (!isUserAction(name)) throw pageNotFound();
  return { section: 'users', back: `/users/${encodeURIComponent(user.id)}`, ...USER_ACTIONS[name](user) };
}
