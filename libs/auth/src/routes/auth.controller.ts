import { parseBody } from 'nest-gatehouse/common';
import { Body, Controller, Get, Header, Post, Req, Res } from '@nestjs/common';
import { OpenWhilePasswordMustChange, Public } from '../access/access.decorators.js';
import type { AuthPage } from '../pages/auth-pages.js';
import { AuthService } from '../sign-in/auth.service.js';
import { CurrentUser } from '../access/current-user.decorator.js';
import { FormAnswers } from '../pages/form-answers.js';
import { HttpAnswers } from '../http/http-answers.js';
import { bodyField, isForm, userIdOf, visitorOf, type HttpRequest } from '../http/http-request.js';
import { RoutePaths } from '../http/route-paths.js';
import { loginBody } from '../http/request-bodies.js';
import type { SignedInUser } from '../storage/user-record.js';
import { viewSignedIn, type SignedInView } from '../http/views.js';

const NO_STORE = ['Cache-Control', 'no-store'] as const;

/** Sign in and out, by JSON or form. */
@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly forms: FormAnswers,
    private readonly answers: HttpAnswers,
    private readonly routes: RoutePaths,
  ) {}

  @Post('login')
  @Public()
  @Header(...NO_STORE)
  async login(
    @Req() request: HttpRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: object,
  ): Promise<SignedInView | string | undefined> {
    const next = this.forms.nextOf(request);
    return this.forms.orPage(request, response, loginPage(body, next), async () => {
      const { username, password, remember } = parseBody(loginBody, body);
      const before = userIdOf(request.session);
      const user = await this.auth.login(visitorOf(request), { username, password }, remember);
      // The former session has ended; it may have been another user's.
      if (before !== null) this.answers.clearSiteData(response);
      this.forms.done(request, response, next, 200);
      return isForm(request.headers) ? undefined : viewSignedIn(user, request.session);
    });
  }

  @Post('logout')
  @Public()
  @Header(...NO_STORE)
  async logout(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<void> {
    await this.auth.logout(visitorOf(request));
    this.answers.clearSiteData(response);
    this.forms.done(request, response, this.routes.home, 204);
  }

  @Get('me')
  @OpenWhilePasswordMustChange()
  @Header(...NO_STORE)
  me(@CurrentUser() user: SignedInUser, @Req() request: HttpRequest): SignedInView {
    return viewSignedIn(user, request.session);
  }
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
