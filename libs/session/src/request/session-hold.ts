/** A lock held by this request. Works with `await using`. */
export interface SessionHold extends AsyncDisposable {
  /** Saves what was changed under the lock, then lets go. Calling it twice is no error. */
  release(): Promise<void>;
}
