import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { OpenWhilePasswordMustChange } from '../access/access.decorators.js';
import { AUTH_EXTRAS, type AuthModuleExtras } from '../auth.tokens.js';
import { FormAnswers } from './form-answers.js';
import type { HttpRequest } from '../http/http-request.js';
import { PageAnswers } from './page-answers.js';
import { withNotice } from './page-notice.js';

@Controller('account/password')
export class PasswordPageController {
  constructor(
    @Inject(AUTH_EXTRAS) private readonly extras: AuthModuleExtras,
    private readonly forms: FormAnswers,
    private readonly pages: PageAnswers,
  ) {}

  @Get()
  @OpenWhilePasswordMustChange()
  show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    const next = this.forms.nextOf(request, withNotice(this.extras.paths.account, 'password-changed'));
    return this.pages.show(request, response, { name: 'password', next });
  }
}
