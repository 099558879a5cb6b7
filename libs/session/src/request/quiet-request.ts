import type { SessionControls } from '../session.types.js';
import { verbsOf } from './session-verbs.js';

/**
 * For an answer that goes on by itself, as a stream of events does: the request does not count as use of its session,
 * as with `X-Session-Passive: 1`, and releases the session's lock. @throws 503
 */
export async function leaveQuiet(session: SessionControls): Promise<void> {
  const verbs = verbsOf(session);
  verbs.state.visitor.isQuiet = true;
  await verbs.noting(verbs.state.lock.release());
}
