import { Controller, Get, Req, Res } from '@nestjs/common';
import { OpenWhilePasswordMustChange } from '../access/access.decorators.js';
import { FormAnswers } from './form-answers.js';
import type { HttpRequest } from '../http/http-request.js';
import { RoutePaths } from '../http/route-paths.js';
import { PageAnswers } from './page-answers.js';
import { withNotice } from './page-notice.js';

@Controller('account/password')
export class PasswordPageController {
  constructor(
    private readonly routes: RoutePaths,
    private readonly forms: FormAnswers,
    private readonly pages: PageAnswers,
  ) {}

  @Get()
  @OpenWhilePasswordMustChange()
  show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    const next = this.forms.nextOf(request, withNotice(this.routes.pages.account, 'password-changed'));
    return this.pages.show(request, response, { name: 'password', next });
  }
}
