import { HttpException } from '@nestjs/common';

/** RFC 9457, with a `code` that programs can match. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable, in snake_case. */
  readonly code: string;
  readonly errors?: readonly FieldError[];
}

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

const TITLES: Record<number, string> = {
  303: 'See Other',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  417: 'Expectation Failed',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

export interface ProblemExtras {
  readonly errors?: readonly FieldError[];
  /** Seconds, for the `Retry-After` header. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** Every refusal of the library: an `HttpException` whose response is the problem document. */
export class ProblemException extends HttpException {
  readonly code: string;
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, detail: string, extras: ProblemExtras = {}) {
    super(problemDocument(status, code, detail, extras.errors), status, { cause: extras.cause });
    this.code = code;
    this.message = detail;
    this.retryAfter = extras.retryAfter;
  }

  /** GraphQL sends these of whatever a resolver throws. */
  get extensions(): { readonly code: string; readonly status: number; readonly retryAfter?: number } {
    const { code, retryAfter } = this;
    return { code, status: this.getStatus(), ...(retryAfter === undefined ? {} : { retryAfter }) };
  }

  get problem(): ProblemDocument {
    return this.getResponse() as ProblemDocument;
  }
}

export function problemDocument(
  status: number,
  code: string,
  detail: string,
  errors?: readonly FieldError[],
): ProblemDocument {
  const title = TITLES[status] ?? (status < 500 ? 'Client Error' : 'Server Error');
  return { type: 'about:blank', title, status, detail, code, ...(errors ? { errors } : {}) };
}
