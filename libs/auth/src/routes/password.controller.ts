import { Body, Controller, Header, Post, Req, Res } from '@nestjs/common';
import { parseBody } from 'nest-gatehouse/common';
import { OpenWhilePasswordMustChange } from '../access/access.decorators.js';
import { signedInOf } from '../access/signed-in.js';
import { PasswordChangeService } from '../account/password-change.service.js';
import { notSignedIn } from '../auth.problems.js';
import { visitorOf, type HttpRequest } from '../http/http-request.js';
import { passwordBody, reauthenticateBody } from '../http/request-bodies.js';
import { RoutePaths } from '../http/route-paths.js';
import { FormAnswers } from '../pages/form-answers.js';
import { AuthService } from '../sign-in/auth.service.js';
import type { UserRecord } from '../storage/user-store.js';

const NO_STORE = ['Cache-Control', 'no-store'] as const;

/** The signed-in user's password: change it, or give it again. By JSON or form. */
@Controller('auth')
export class PasswordController {
  constructor(
    private readonly routes: RoutePaths,
    private readonly auth: AuthService,
    private readonly passwords: PasswordChangeService,
    private readonly forms: FormAnswers,
  ) {}

  @Post('password')
  @OpenWhilePasswordMustChange()
  @Header(...NO_STORE)
  async changePassword(
    @Req() request: HttpRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: object,
  ): Promise<string | void> {
    const next = this.forms.nextOf(request, this.routes.pages.account);
    return this.forms.orPage(request, response, { name: 'password', next }, async () => {
      const { currentPassword, newPassword } = parseBody(passwordBody, body);
      await this.passwords.change(visitorOf(request), userOf(request), currentPassword, newPassword);
      this.forms.done(request, response, next, 204);
    });
  }

  @Post('reauthenticate')
  @Header(...NO_STORE)
  async reauthenticate(
    @Req() request: HttpRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: object,
  ): Promise<string | void> {
    const next = this.forms.nextOf(request);
    return this.forms.orPage(request, response, { name: 'reauthenticate', next }, async () => {
      const { password } = parseBody(reauthenticateBody, body);
      await this.auth.reauthenticate(visitorOf(request), userOf(request), password);
      this.forms.done(request, response, next, 204);
    });
  }
}

function userOf(request: HttpRequest): UserRecord {
  const signedIn = signedInOf(request);
  if (!signedIn) throw notSignedIn();
  return signedIn.record;
}
