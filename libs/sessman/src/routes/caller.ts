import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** Who calls, as `ApiKeyGuard` has found out. */
export interface Caller {
  /** The id of the API key, or `none` where none is asked for. */
  readonly keyId: string;
  readonly namespace: string;
}

const CALLER = Symbol('gatehouse:caller');

interface CallingRequest {
  [CALLER]?: Caller;
}

export function rememberCaller(request: object, caller: Caller): void {
  (request as CallingRequest)[CALLER] = caller;
}

/** The `Caller` of a route behind `ApiKeyGuard`. */
export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = context.switchToHttp().getRequest<CallingRequest>()[CALLER];
  if (!caller) throw new Error('This route needs @UseGuards(ApiKeyGuard).');
  return caller;
});
