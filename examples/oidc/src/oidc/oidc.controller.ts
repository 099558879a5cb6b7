import { Controller, Get, HttpStatus, Post, Redirect, Req, Res, UnauthorizedException } from '@nestjs/common';
import { AuthService, Public, UserService } from 'nest-gatehouse/auth';
import { auditOriginOf, HttpAnswers, type HttpRequest, visitorOf } from 'nest-gatehouse/auth/http';
import { Session } from 'nest-gatehouse/session';
import { IdentityProvider, type SignInAttempt } from './identity-provider.js';

interface OidcData {
  attempt: SignInAttempt;
  idToken: string;
}

@Controller('oidc')
@Public()
export class OidcController {
  constructor(
    private readonly provider: IdentityProvider,
    private readonly auth: AuthService,
    private readonly users: UserService,
    private readonly answers: HttpAnswers,
  ) {}

  @Get('login')
  @Redirect()
  async login(@Session() session: Session<OidcData>) {
    session.attempt = this.provider.newAttempt();
    return { url: await this.provider.signInUrl(session.attempt) };
  }

  /** An attempt counts once, whatever comes of it. */
  @Get('callback')
  @Redirect('/')
  async callback(@Req() request: HttpRequest, @Session() session: Session<OidcData>): Promise<void> {
    const { attempt } = session;
    delete session.attempt;
    if (!attempt) throw new UnauthorizedException('No sign-in is under way in this browser.');
    const identity = await this.provider.identify(request.url, attempt).catch((cause: unknown) => {
      throw new UnauthorizedException('The identity provider has not signed you in.', { cause });
    });
    const visitor = visitorOf(request);
    // By `sub`, which is never given to another user, as a name or an address may be.
    const id = `acme:${identity.subject}`;
    const known = await this.users.findById(id);
    const account = { id, username: identity.name, password: null };
    const user = known ?? (await this.users.create(account, auditOriginOf(visitor))).user;
    await this.auth.establish(visitor, user, { amr: ['fed'] });
    (request.session as Session<OidcData>).idToken = identity.idToken;
  }

  /** Here, and then at the identity provider. */
  @Post('logout')
  @Redirect()
  async logout(
    @Req() request: HttpRequest,
    @Session() session: Session<OidcData>,
    @Res({ passthrough: true }) response: object,
  ) {
    const url = this.provider.signOutUrl(session.idToken);
    await this.auth.logout(visitorOf(request));
    this.answers.clearSiteData(response);
    return { url, statusCode: HttpStatus.SEE_OTHER };
  }
}
