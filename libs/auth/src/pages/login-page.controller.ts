import { Controller, Get, Req, Res } from '@nestjs/common';
import { OpenWhilePasswordMustChange, OptionalAuth } from '../access/access.decorators.js';
import { FormAnswers } from './form-answers.js';
import type { HttpRequest } from '../http/http-request.js';
import { PageAnswers } from './page-answers.js';

@Controller('login')
export class LoginPageController {
  constructor(
    private readonly forms: FormAnswers,
    private readonly pages: PageAnswers,
  ) {}

  /** Stores nothing and sets no cookie for a new visitor. */
  @Get()
  @OptionalAuth()
  @OpenWhilePasswordMustChange()
  show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    const next = this.forms.nextOf(request);
    return this.pages.show(request, response, { name: 'login', username: '', remember: false, next });
  }
}
