import { Controller, Get, Req, Res } from '@nestjs/common';
import { FormAnswers } from './form-answers.js';
import type { HttpRequest } from '../http/http-request.js';
import { PageAnswers } from './page-answers.js';

/** Asks for the password again, then continues where that was needed. */
@Controller('reauthenticate')
export class ReauthenticatePageController {
  constructor(
    private readonly forms: FormAnswers,
    private readonly pages: PageAnswers,
  ) {}

  @Get()
  show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    return this.pages.show(request, response, { name: 'reauthenticate', next: this.forms.nextOf(request) });
  }
}
