import { Controller, Header, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { EndSessionsGuard } from '../access/end-sessions.guard.js';
import { FormAnswers } from '../pages/form-answers.js';
import { HttpAnswers } from '../http/http-answers.js';
import { isForm, visitorOf, type HttpRequest } from '../http/http-request.js';
import { RoutePaths } from '../http/route-paths.js';
import { MySessionsService } from '../account/my-sessions.service.js';
import { withNotice } from '../pages/page-notice.js';

/** What `DELETE` does on the user's sessions, for forms, which support only GET and POST. */
@Controller('auth/sessions')
@UseGuards(EndSessionsGuard)
export class SessionFormsController {
  constructor(
    private readonly routes: RoutePaths,
    private readonly sessions: MySessionsService,
    private readonly forms: FormAnswers,
    private readonly answers: HttpAnswers,
  ) {}

  @Post('end')
  @Header('Cache-Control', 'no-store')
  async endOthers(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ ended: number } | undefined> {
    const ended = await this.sessions.endOthers(visitorOf(request));
    this.forms.done(request, response, withNotice(this.routes.pages.sessions, 'others-ended'), 200);
    return isForm(request.headers) ? undefined : { ended };
  }

  @Post(':handle/end')
  @Header('Cache-Control', 'no-store')
  async end(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('handle') handle: string,
  ): Promise<void> {
    await this.sessions.end(visitorOf(request), handle);
    if (!request.session) this.answers.clearSiteData(response);
    this.forms.done(request, response, withNotice(this.routes.pages.sessions, 'session-ended'), 204);
  }
}
