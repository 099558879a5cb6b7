import type { KeptAnswer } from '../idempotency/idempotent-calls.service.js';
import type { ProgramSession } from '../sessions/program-session.js';

/** As JSON text, because the data may have keys, such as `__proto__`, that do not survive being an object's. */
export function sessionText({ id, user, data, expiresAt, version }: ProgramSession): string {
  const expires = new Date(expiresAt).toISOString();
  return `{"session_id":"${id}","user":${JSON.stringify(user)},"data":${data},"expires_at":"${expires}","version":${version}}`;
}

export function sessionAnswer(session: ProgramSession, status = 200): KeptAnswer {
  return { status, etag: `"${session.version}"`, body: sessionText(session) };
}
