import { maskSecrets } from './mask-secrets.js';

interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause?: ErrorDescription;
}

/** Only type, message and stack, because libraries attach requests, bodies and commands to their errors. */
export function describeError(error: unknown): ErrorDescription | undefined {
  if (!(error instanceof Error)) return undefined;
  const cause = describeError(error.cause);
  return {
    type: error.name,
    message: maskSecrets(error.message),
    stack: error.stack && maskSecrets(error.stack),
    ...(cause ? { cause } : {}),
  };
}
