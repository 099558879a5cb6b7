import { type FieldError, problemDocument } from 'nest-gatehouse/common';

export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

/** A refusal with the codes and texts of the routes. */
export class CommandRefused extends Error implements Failure {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** What is wrong has been told on standard output; only the exit status is left to say. */
export class Reported extends Error {}

export async function describeFailure(error: unknown): Promise<Failure> {
  if (error instanceof CommandRefused) return error;
  const { ProblemException } = await import('nest-gatehouse/common');
  if (error instanceof ProblemException) return error.problem;
  if (error instanceof Error && error.name === 'ExitPromptError') {
    return { status: 400, code: 'cancelled', detail: 'Nothing was done.' };
  }
  const { ConfigurationError } = await import('../config/configuration.error.js');
  const code = error instanceof ConfigurationError ? 'configuration_invalid' : 'not_available';
  const { explainStartFailure } = await import('../boot/start-failure.js');
  return { status: 503, code, detail: explainStartFailure(error) };
}

export function printFailure({ status, code, detail, errors }: Failure, isJson: boolean): void {
  const lines = [detail, ...(errors ?? []).map(({ field, message }) => `  ${field}: ${message}`)];
  const text = isJson ? JSON.stringify(problemDocument(status, code, detail, errors)) : lines.join('\n');
  process.stderr.write(`${text}\n`);
}
