/**
 * Whether the storage can do its work now: for readiness checks. The class is its own injection token; each storage
 * module of this package provides it. For a storage without it a session is looked up instead.
 */
export abstract class StorageHealth {
  /**
   * Resolves once a durable write has proved that a session could be stored. Cheap however often it is called: the
   * write is made at most once a second, for all callers together.
   * @throws StoreUnavailableError that says what is wrong, or any other error
   */
  abstract check(): Promise<void>;
}
