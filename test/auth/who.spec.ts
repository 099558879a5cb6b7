import type { IncomingMessage } from 'node:http';
import { expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Module,
  Req,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthService, CurrentUser, OptionalAuth, Public, signedInOf } from 'nest-gatehouse/auth';
import { AuthStorage, type UserRecord, UserStore } from 'nest-gatehouse/auth/storage';
import { MemoryUserStore } from 'nest-gatehouse/auth';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { codeOf, onEveryPlatform, PASSWORD } from './support/auth-app.js';

type SeenRequest = HttpRequest & { readonly user?: { readonly username: string }; readonly raw?: IncomingMessage };

/** What was seen of the user, by whom. */
const seen: Record<string, unknown> = {};

/** One of the application, provided by its root module, which is found before every imported one. */
@Injectable()
class TenantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<SeenRequest>();
    seen.guard = [request.user?.username, signedInOf(request)?.user.username];
    return true;
  }
}

@Injectable()
class NameInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const request = context.switchToHttp().getRequest<SeenRequest>();
    seen.interceptor = signedInOf(request)?.record.canonicalUsername;
    seen.raw = signedInOf(request.raw ?? request)?.user.username;
    return next.handle();
  }
}

@Controller('who')
@UseInterceptors(NameInterceptor)
class WhoController {
  @Get()
  required(@Req() request: SeenRequest, @CurrentUser() user: unknown, @CurrentUser('email' as 'id') email: unknown) {
    return { onRequest: request.user ?? null, user: user ?? null, email: email ?? null };
  }

  @Get('optional')
  @OptionalAuth()
  optional(@Req() request: SeenRequest) {
    return { onRequest: request.user ?? null };
  }

  @Get('public')
  @Public()
  open(@Req() request: SeenRequest) {
    return { onRequest: request.user ?? null };
  }
}

const setup = { controllers: [WhoController], providers: [{ provide: APP_GUARD, useClass: TenantGuard }] };

onEveryPlatform('Who is signed in', (start) => {
  it('is known to a guard of the root module, to interceptors and loggers, and on the request', async () => {
    const app = await start(setup);
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD, roles: ['editor'] });
    const client = await app.signedIn();
    const alice = { id: user.id, username: 'alice', roles: ['editor'], mustChangePassword: false };
    expect((await client.get('/who')).json()).toEqual({ onRequest: alice, user: alice, email: null });
    expect(seen).toEqual({ guard: ['alice', 'alice'], interceptor: 'alice', raw: 'alice' });
    expect((await client.get('/who/optional')).json()).toEqual({ onRequest: alice });
    expect((await client.get('/who/public')).json()).toEqual({ onRequest: null });
    expect(seen.guard).toEqual([undefined, undefined]);
    await app.users.disable(user.id);
    expect((await client.get('/who/optional')).json()).toEqual({ onRequest: null });
    expect(codeOf(await client.get('/who'))).toBe('not_signed_in');
    expect(seen.guard).toEqual([undefined, undefined]);
  });

  it('is found by middleware, which runs before the guards', async () => {
    const names: unknown[] = [];
    const prepare = (nest: INestApplication) => {
      const auth = nest.get(AuthService);
      nest.use((request: HttpRequest, _response: unknown, next: (error?: unknown) => void) => {
        auth.findSignedIn(request).then((signedIn) => (names.push(signedIn?.user.username ?? null), next()), next);
      });
    };
    const app = await start({ ...setup, prepare });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    expect((await client.get('/who')).status).toBe(200);
    expect(names).toEqual([null, 'alice']);
  });

  it('has the fields that the application adds from its own accounts', async () => {
    class PeopleStore extends MemoryUserStore {
      override findById(id: string): UserRecord | null {
        const record = super.findById(id);
        return record && Object.assign({ email: `${record.canonicalUsername}@example.com`, id: 'other' }, record);
      }
    }
    @Module({ providers: [{ provide: UserStore, useValue: new PeopleStore() }], exports: [UserStore] })
    class PeopleModule {}
    const userFields = ({ email }: Readonly<Record<string, unknown>>) => ({ email, id: 'nobody else' });
    const app = await start({ ...setup, auth: { imports: [PeopleModule], userFields } });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const answer = (await (await app.signedIn()).get('/who')).json<{ onRequest: object; email: string }>();
    expect(answer.email).toBe('alice@example.com');
    expect(answer.onRequest).toEqual({
      ...{ id: user.id, username: 'alice', roles: [], mustChangePassword: false },
      email: 'alice@example.com',
    });
    expect(app.app.get(AuthStorage).users).toBeInstanceOf(PeopleStore);
  });
});
