import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { AuthService, Public, type SignedInUser, UserService } from 'nest-gatehouse/auth';
import { auditOriginOf, type HttpRequest, visitorOf } from 'nest-gatehouse/auth/http';

interface SignUpBody {
  readonly username: string;
  readonly password: string;
}

@Controller('accounts')
@Public()
export class AccountsController {
  constructor(
    private readonly users: UserService,
    private readonly auth: AuthService,
  ) {}

  @Post()
  @HttpCode(201)
  async signUp(@Req() request: HttpRequest, @Body() body: SignUpBody): Promise<SignedInUser> {
    const { username, password } = body;
    const visitor = visitorOf(request);
    const { user } = await this.users.create({ username, password }, auditOriginOf(visitor));
    return this.auth.establish(visitor, user);
  }
}
