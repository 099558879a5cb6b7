import { Body, Controller, Get, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { PageForm } from 'nest-gatehouse/auth';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { AccountsService } from '../../accounts/accounts.service.js';
import { actorOf, Changes, ForAdministrators } from '../../routes/administrator.js';
import { usersQuery } from '../../routes/users.controller.js';
import { ConsoleAnswers } from '../answers/console-answers.js';
import { ConsoleProblems } from '../answers/console-problems.interceptor.js';
import { doneOf } from '../answers/done.js';
import { fieldsOf, readFields } from '../answers/page-query.js';
import type { ActionPage } from '../console-page.js';
import { rolesOf } from './roles-field.js';

const CREATE: ActionPage = {
  section: 'users',
  title: 'Add a user',
  lead: 'The account begins with a one-time password, which is shown once. Its owner chooses another at the first sign-in.',
  button: 'Add the user',
  fields: [
    { name: 'username', label: 'Username', type: 'text', isRequired: true },
    { name: 'roles', label: 'Roles', type: 'text', hint: 'Separated by commas, such as admin. May stay empty.' },
  ],
  back: '/users',
};

/** Accounts: look for them, and add some. */
@Controller('admin/users')
@ForAdministrators()
@UseInterceptors(ConsoleProblems)
export class UsersPageController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly answers: ConsoleAnswers,
  ) {}

  @Get()
  async show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    const fields = fieldsOf(request.query);
    const { query, problem } = readFields(usersQuery, fields);
    const list = query && (await this.accounts.list(query));
    const values = { fields, list, isFirst: query?.cursor === undefined, done: doneOf(fields) };
    const page = { template: 'users/users', title: 'Users', section: 'users', values } as const;
    return this.answers.show(request, response, page, problem);
  }

  @Get('new')
  @Changes()
  askToCreate(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): string {
    return this.answers.ask(request, response, CREATE);
  }

  @Post('new')
  @Changes()
  @PageForm()
  create(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Body() body: unknown,
  ): Promise<string | undefined> {
    return this.answers.reveal(request, response, CREATE, async () => {
      const { username = '', roles } = fieldsOf(body);
      const by = actorOf(request);
      const created = await this.accounts.create(username, rolesOf(roles), by);
      return {
        template: 'parts/secret',
        title: `${created.username} was added`,
        section: 'users',
        values: {
          label: 'One-time password',
          secret: created.oneTimePassword,
          lead: 'Hand it over in private. It is shown only now, and works once.',
          next: { path: `/users/${encodeURIComponent(created.id)}`, label: `Go to ${created.username}` },
        },
      };
    });
  }
}
