import { HttpException } from '@nestjs/common';
import { ProblemException } from 'nest-gatehouse/common';

/** The text for an error that is not ours. Never its own message, which may quote the request or name a driver. */
const BY_STATUS: Readonly<Record<number, readonly [code: string, detail: string]>> = {
  400: ['bad_request', 'The request cannot be understood. Check its syntax and headers.'],
  401: ['unauthorized', 'This needs a sign-in.'],
  403: ['forbidden', 'This is not allowed.'],
  404: ['not_found', 'There is nothing at this address.'],
  405: [
    'method_not_allowed',
    'This address does not answer to this method. The Allow header lists those it answers to.',
  ],
  408: ['request_timeout', 'The request did not arrive in time. Send it again.'],
  409: ['conflict', 'The request conflicts with what is there now. Read it again and repeat.'],
  413: ['body_too_large', 'The request body is larger than this server accepts.'],
  414: ['uri_too_long', 'The address is longer than this server accepts.'],
  415: [
    'unsupported_media_type',
    'Send the body as application/json or application/x-www-form-urlencoded, in UTF-8 and not compressed.',
  ],
  417: ['expectation_failed', 'This server meets no expectation but 100-continue.'],
  422: ['unprocessable', 'The request is understood, but cannot be carried out.'],
  429: ['too_many_requests', 'There were too many requests. Try again later.'],
  431: ['headers_too_large', 'The request headers are larger than this server accepts.'],
  500: ['internal_error', 'Something went wrong on our side. It has been logged; try again later.'],
  503: ['service_unavailable', 'The server cannot answer this at the moment. Try again shortly.'],
};

export function problemOfStatus(status: number): ProblemException {
  const [code, detail] = BY_STATUS[status] ?? BY_STATUS[status < 500 ? 400 : 500]!;
  return new ProblemException(status, code, detail);
}

export function invalidUrl(): ProblemException {
  return new ProblemException(
    400,
    'invalid_url',
    'This is no address of this server, or it has a percent sign that encodes nothing.',
  );
}

/** Converts any error to a problem that may be shown to the client. */
export function problemOf(error: unknown): ProblemException {
  if (error instanceof ProblemException) return error;
  const status = error instanceof HttpException ? error.getStatus() : 500;
  return problemOfStatus(status >= 400 && status < 600 ? status : 500);
}
