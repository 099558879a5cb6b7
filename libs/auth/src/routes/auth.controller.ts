import { parseBody } from 'nest-gatehouse/common';
import { Body, Controller, Get, Header, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { OpenWhilePasswordMustChange, Public } from '../access/access.decorators.js';
import type { AuthPage } from '../pages/auth-pages.js';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AuthService } from '../sign-in/auth.service.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { CurrentUser } from '../access/current-user.decorator.js';
import { FormAnswers } from '../pages/form-answers.js';
import { HttpAnswers } from '../http/http-answers.js';
import { bodyField, isForm, visitorOf, type HttpRequest } from '../http/http-request.js';
import { LoginGuard, loginRefusalOf } from '../sign-in/login.guard.js';
import { PasswordChangeService } from '../account/password-change.service.js';
import { notSignedIn } from '../auth.problems.js';
import { loginBody, passwordBody, reauthenticateBody } from '../http/request-bodies.js';
import { signedInOf } from '../access/signed-in.js';
import type { SignedInUser } from '../storage/user-record.js';
import type { UserRecord } from '../storage/user-store.js';
import { viewSignedIn, type SignedInView } from '../http/views.js';

const NO_STORE = ['Cache-Control', 'no-store'] as const;

/** Sign in and out, and prove it again. JSON and forms alike. */
@Controller('auth')
export class AuthController {
  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    private readonly auth: AuthService,
    private readonly passwords: PasswordChangeService,
    private readonly forms: FormAnswers,
    private readonly answers: HttpAnswers,
  ) {}

  @Post('login')
  @Public()
  @UseGuards(LoginGuard)
  @Header(...NO_STORE)
  async login(
    @Req() request: HttpRequest & { user?: SignedInUser },
    @Res({ passthrough: true }) response: object,
  ): Promise<SignedInView | string | undefined> {
    const next = this.forms.nextOf(request);
    const refusal = loginRefusalOf(request);
    if (refusal) return this.forms.refuse(request, response, loginPage(request.body, next), refusal);
    this.forms.done(request, response, next, 200);
    return isForm(request.headers) ? undefined : viewSignedIn(request.user!, request.session);
  }

  @Post('logout')
  @Public()
  @Header(...NO_STORE)
  async logout(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<void> {
    await this.auth.logout(visitorOf(request));
    this.answers.clearSiteData(response);
    this.forms.done(request, response, '/', 204);
  }

  @Get('me')
  @OpenWhilePasswordMustChange()
  @Header(...NO_STORE)
  me(@CurrentUser() user: SignedInUser, @Req() request: HttpRequest): SignedInView {
    return viewSignedIn(user, request.session);
  }

  @Post('password')
  @OpenWhilePasswordMustChange()
  @Header(...NO_STORE)
  async changePassword(
    @Req() request: HttpRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: object,
  ): Promise<string | undefined> {
    const next = this.forms.nextOf(request, this.options.paths.account);
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
  ): Promise<string | undefined> {
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

function loginPage(body: unknown, next: string): AuthPage {
  const username = bodyField(body, 'username');
  const remember = loginBody.shape.remember.safeParse(bodyField(body, 'remember'));
  return {
    name: 'login',
    username: typeof username === 'string' ? username.slice(0, 256) : '',
    remember: remember.data ?? false,
    next,
  };
}
