import {
  BadAnswerError,
  RateLimitedError,
  SessionNotFoundError,
  SessmanError,
  TooLargeError,
  UnauthorizedError,
  VersionMismatchError,
  type Failure,
  type FieldFault,
} from './errors.js';

/** A session as the service describes it. */
export interface StoredSession {
  readonly session_id: string;
  readonly user: string;
  readonly data: Record<string, unknown>;
  readonly expires_at: string;
  readonly version: number;
}

/** What has arrived, before anybody knows what it is. */
export interface Arrived {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

type Fields = Readonly<Record<string, unknown>>;

const BY_STATUS: Readonly<Record<number, new (failure: Failure) => SessmanError>> = {
  401: UnauthorizedError,
  403: UnauthorizedError,
  412: VersionMismatchError,
  413: TooLargeError,
  429: RateLimitedError,
};

/** The error that a refusal stands for. What it says is not repeated where it is no problem document of the service. */
export function refusalOf({ status, headers, text }: Arrived, retryAfter: number | undefined): SessmanError {
  const { code, detail, title, errors } = fieldsOf(parsed(text));
  const isProblem = typeof code === 'string';
  const failure: Failure = {
    code: isProblem ? code : 'bad_answer',
    message:
      ([detail, title].find((words) => isProblem && typeof words === 'string') as string | undefined) ??
      `Refused with ${status}`,
    status,
    requestId: requestIdOf(headers),
    errors: Array.isArray(errors) ? (errors as FieldFault[]) : undefined,
    retryAfter,
  };
  if (code === 'session_not_found') return new SessionNotFoundError(failure);
  const Known = BY_STATUS[status] ?? (isProblem ? SessmanError : BadAnswerError);
  return new Known(failure);
}

/** @throws BadAnswerError if it is none */
export function storedSession(answer: Arrived): StoredSession {
  const session = parsed(answer.text);
  if (!isStoredSession(session)) throw badAnswer(answer);
  return session;
}

/** @throws BadAnswerError if it is none */
export function storedPage(answer: Arrived): {
  readonly items: readonly StoredSession[];
  readonly next: string | null;
} {
  const { items, next } = fieldsOf(parsed(answer.text));
  if (!Array.isArray(items) || !items.every(isStoredSession) || !(next === null || (next && typeof next === 'string')))
    throw badAnswer(answer);
  return { items, next };
}

export function badAnswer({ status, headers }: Arrived): BadAnswerError {
  return new BadAnswerError({
    code: 'bad_answer',
    message: `Answered with ${status}, but not as the service does: check base_url, and what is in between`,
    status,
    requestId: requestIdOf(headers),
  });
}

function requestIdOf(headers: Headers): string | undefined {
  return headers.get('x-request-id') ?? undefined;
}

function isStoredSession(value: unknown): value is StoredSession {
  const { session_id, user, data, expires_at, version } = fieldsOf(value);
  return (
    typeof session_id === 'string' &&
    typeof user === 'string' &&
    data === fieldsOf(data) &&
    typeof version === 'number' &&
    Date.parse(expires_at as string) > 0
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same object; an empty one for anything else. */
function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
