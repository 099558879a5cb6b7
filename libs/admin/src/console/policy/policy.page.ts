import { Controller, Get, Optional, Req, Res, UseInterceptors } from '@nestjs/common';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { OptionsPolicy } from '../../policy/options-policy.js';
import { PolicySource } from '../../policy/policy-source.js';
import { ForAdministrators } from '../../routes/administrator.js';
import { ConsoleAnswers } from '../answers/console-answers.js';
import { ConsoleProblems } from '../answers/console-problems.interceptor.js';

/** What is in force, and which setting it came from. */
@Controller('admin/policy')
@ForAdministrators()
@UseInterceptors(ConsoleProblems)
export class PolicyPageController {
  constructor(
    private readonly options: OptionsPolicy,
    private readonly answers: ConsoleAnswers,
    @Optional() private readonly source?: PolicySource,
  ) {}

  @Get()
  show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): string {
    const values = { items: (this.source ?? this.options).items() };
    const page = { template: 'policy/policy', title: 'Policy', section: 'policy', values } as const;
    return this.answers.show(request, response, page);
  }
}
