import {
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CurrentUser, MySessionsService, Public, RequireRecentAuth, Roles, signedInOf } from 'nest-gatehouse/auth';
import { requestOf, RequireSession, Session, SessionLock } from 'nest-gatehouse/session';
import { type Observable, of, tap } from 'rxjs';

type Values = Session<{ value?: unknown; count?: number; late?: boolean }>;

/** Changes the session after the handler, as interceptors of applications may. */
class LateChange implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { session } = requestOf(context) as { readonly session: Values };
    return next.handle().pipe(tap(() => void (session.late = true)));
  }
}

/** As an application may have one for all of its handlers: it needs to know who is signed in. */
export class SeeingGuard implements CanActivate {
  readonly seen: unknown[] = [];
  readonly requests: object[] = [];

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'ws') return true;
    const request = requestOf(context);
    this.requests.push(request);
    this.seen.push(signedInOf(request)?.user.username);
    return true;
  }
}

/** What the suites of all gateways talk to. Answers are objects, so that Socket.IO acknowledges them. */
@WebSocketGateway()
export class TestGateway {
  constructor(private readonly mySessions: MySessionsService) {}

  @SubscribeMessage('who')
  who(@CurrentUser('username') name: string) {
    return answer('who', name);
  }

  @SubscribeMessage('admin')
  @Roles('admin')
  admin() {
    return answer('admin', 'yes');
  }

  @SubscribeMessage('recent')
  @RequireRecentAuth('5m')
  recent() {
    return answer('recent', 'yes');
  }

  @SubscribeMessage('session')
  @Public()
  @RequireSession()
  session() {
    return answer('session', 'yes');
  }

  @SubscribeMessage('read')
  read(@Session('value') value: unknown) {
    return answer('read', value ?? null);
  }

  /** Finds out whether the session has what plugins of Fastify call. */
  @SubscribeMessage('get')
  get(@Session() session: { get?: unknown }) {
    return answer('get', typeof session.get);
  }

  @SubscribeMessage('write')
  @Public()
  write(@Session() session: Values, @MessageBody() value: unknown) {
    session.value = value;
    return answer('write', 'done');
  }

  @SubscribeMessage('stream')
  stream(@Session() session: Values) {
    session.value = 'streamed';
    return of(answer('stream', 'done'));
  }

  @SubscribeMessage('silent')
  silent(@Session() session: Values) {
    session.value = 'said nothing';
  }

  @SubscribeMessage('count')
  @SessionLock()
  async count(@Session() session: Values) {
    const count = session.count ?? 0;
    await new Promise(setImmediate);
    session.count = count + 1;
    return answer('count', session.count);
  }

  @SubscribeMessage('fail')
  fail(@Session() session: Values) {
    session.value = 'never';
    throw new Error('a fault of the handler');
  }

  @SubscribeMessage('renew')
  async renew(@Session() session: Values) {
    await session.rotate();
    return answer('renew', 'done');
  }

  @SubscribeMessage('anew')
  async anew(@Session() session: Values) {
    await session.regenerate();
    return answer('anew', 'done');
  }

  @SubscribeMessage('others')
  async others(@Session() session: Session) {
    return answer('others', await this.mySessions.endOthers({ session }));
  }

  @SubscribeMessage('leave')
  async leave(@Session() session: Values) {
    await session.destroy();
    return answer('leave', 'done');
  }

  @SubscribeMessage('late')
  @UseInterceptors(LateChange)
  late() {
    return answer('late', 'done');
  }
}

function answer(event: string, data: unknown) {
  return { event, data };
}
