import { viewSession, type ActiveSessionView } from 'nest-gatehouse/auth/http';
import type { Session } from 'nest-gatehouse/session';

export type SessionView = ActiveSessionView | { readonly active: false };

/** What visitors can see of their own session, stored or not. */
export function viewOwnSession(session: Session): SessionView {
  return viewSession(session) ?? { active: false };
}
