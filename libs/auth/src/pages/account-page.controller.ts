import { Controller, Get, Req, Res } from '@nestjs/common';
import type { HttpRequest } from '../http/http-request.js';
import { notSignedIn } from '../auth.problems.js';
import { signedInOf } from '../access/signed-in.js';
import { viewAccount } from './account.view.js';
import { PageAnswers } from './page-answers.js';
import { noticeOf } from './page-notice.js';

@Controller('account')
export class AccountPageController {
  constructor(private readonly pages: PageAnswers) {}

  @Get()
  show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    const signedIn = signedInOf(request);
    if (!signedIn) throw notSignedIn();
    const account = viewAccount(signedIn.record, signedIn.session);
    return this.pages.show(request, response, { name: 'account', account, done: noticeOf(request.query) });
  }
}
