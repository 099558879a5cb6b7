import type { ExecutionContext } from '@nestjs/common';
import { ProblemException } from 'nest-gatehouse/common';

/** `WsException` and `RpcException`: the only errors whose words Nest sends to the client of such a transport. */
type TransportException = new (error: object) => Error;

const exceptions = new Map<string, TransportException>();

/** To be awaited at start by an application that has gateways. Others may not have the package. */
export async function loadSocketRefusals(): Promise<void> {
  exceptions.set('ws', (await import('@nestjs/websockets')).WsException);
}

/** To be awaited at start by an application that has handlers of microservices. Others may not have the package. */
export async function loadMicroserviceRefusals(): Promise<void> {
  exceptions.set('rpc', (await import('@nestjs/microservices')).RpcException);
}

/**
 * What to throw so that the client gets a refusal as it is on this transport: code, status and detail. On HTTP and in
 * GraphQL the problem itself says it. Other errors are returned as they are.
 */
export function refusalFor(context: ExecutionContext, error: unknown): unknown {
  if (!(error instanceof ProblemException)) return error;
  const type: string = context.getType();
  const Exception = exceptions.get(type);
  if (!Exception) return error;
  const { problem, message, retryAfter } = error;
  const cause = type === 'ws' ? { cause: { pattern: context.switchToWs().getPattern() } } : {};
  return new Exception({ ...problem, message, ...(retryAfter === undefined ? {} : { retryAfter }), ...cause });
}
