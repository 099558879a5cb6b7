import { Controller, Get, Req, Res } from '@nestjs/common';
import { SkipSession } from 'nest-gatehouse/session';
import { Public } from '../access/access.decorators.js';
import { FormAnswers } from './form-answers.js';
import type { HttpRequest } from '../http/http-request.js';
import { PageAnswers } from './page-answers.js';

/**
 * A page redirects itself here when its session has expired. It opens no session, otherwise two open pages would keep
 * each other's session alive for ever.
 */
@Controller('account/closed')
export class ClosedPageController {
  constructor(
    private readonly forms: FormAnswers,
    private readonly pages: PageAnswers,
  ) {}

  @Get()
  @Public()
  @SkipSession()
  show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    return this.pages.show(request, response, { name: 'closed', next: this.forms.nextOf(request) });
  }
}
