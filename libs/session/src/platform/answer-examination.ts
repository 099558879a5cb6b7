import type { ServerResponse } from 'node:http';
import { CookieChecks } from '../doctor/cookie-checks.js';
import { SeenRequest } from '../doctor/seen-request.js';
import { presentedToken } from '../token/token-transport.js';
import type { RequestSession } from '../request/request-session.js';

/** When the session is looked at again, in milliseconds after its answer was sent: handlers may go on for a while. */
const LOOKS = [0, 100, 1_000, 5_000];

/** Follows one answer until it was sent and a little longer, for the doctor. */
export class AnswerExamination {
  #looks = 0;

  constructor(
    private readonly response: ServerResponse,
    private readonly life: RequestSession,
  ) {
    response.once('close', () => this.#sent());
  }

  #sent(): void {
    const { response, life } = this;
    if (!response.headersSent) return;
    const { engine, state } = life;
    const checks = new CookieChecks(engine.doctor, engine.options.cookie, engine.doctor.returning);
    const request = new SeenRequest(state.visitor.request);
    const setCookies = headerLines(response, 'set-cookie');
    const [credentials] = headerLines(response, 'access-control-allow-credentials');
    if (presentedToken(engine.options, request.headers) !== undefined) checks.noteReturn(request);
    checks.check(request, { setCookies, allowsCredentials: credentials === 'true' }, engine.clock.now());
    this.#lookLater();
  }

  #lookLater(): void {
    const delay = LOOKS[this.#looks++];
    if (delay !== undefined) setTimeout(() => this.#look(), delay).unref();
  }

  #look(): void {
    if (!this.life.state.examination?.hasLateChanges()) return this.#lookLater();
    const message = 'A handler changed its session after the answer was sent; the change is lost.';
    this.life.engine.doctor.found('changed_after_answer', message);
  }
}

/** From the bytes of the head, where there are such: not all headers are set on the response. */
function headerLines(response: ServerResponse & { readonly _header?: unknown }, name: string): string[] {
  const { _header: head } = response;
  if (typeof head !== 'string') return [response.getHeader(name) ?? []].flat().map(String);
  const lines = head.split('\r\n').filter((line) => line.toLowerCase().startsWith(`${name}:`));
  return lines.map((line) => line.slice(name.length + 1).trim());
}
