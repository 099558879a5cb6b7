/**
 * Why a session ended.
 *
 * - `idle`, `absolute`: one of its two ends came.
 * - `logout`: signed out with this session; also `session.destroy()`.
 * - `logout_elsewhere`: signed out by its user from another session.
 * - `administrator`: ended by somebody else, or by the application.
 * - `password_changed`, `disabled`, `deleted`: what happened to the account.
 * - `limit`: made room for another session of the same user.
 * - `replaced`: by a new one at a sign-in, or `session.regenerate()`.
 * - `evicted`: made room in the store.
 */
export type EndReason =
  | 'idle'
  | 'absolute'
  | 'logout'
  | 'logout_elsewhere'
  | 'administrator'
  | 'password_changed'
  | 'disabled'
  | 'deleted'
  | 'limit'
  | 'replaced'
  | 'evicted';
