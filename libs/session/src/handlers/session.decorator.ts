import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { bearerOf } from './request-of.js';
import type { DefaultSessionData, SessionShape } from '../session-data.types.js';
import type { Session as SessionOf, SessionValues } from '../session.types.js';
import { readSession, readSessionId } from '../request/request-slot.js';

/** `@Session()`: the request's session. `@Session('cart')`: one of its values. Undefined where the route has none. */
export const Session = createParamDecorator((key: string | undefined, context: ExecutionContext) => {
  const session: SessionOf | undefined = readSession(bearerOf(context));
  return key === undefined || session === undefined ? session : (session as SessionValues)[key];
});

/** The type beside the decorator: `@Session() session: Session<{ cart: Item[] }>`. */
export type Session<T extends object & SessionShape<T> = DefaultSessionData> = SessionOf<T>;

/** `@SessionId()`: the public handle. Undefined where the route has no session. */
export const SessionId = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readSessionId(bearerOf(context)),
);
