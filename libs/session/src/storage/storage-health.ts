/**
 * Whether the storage can do its work now: for readiness checks. The class is its own injection token; each storage module of this package
 * provides it. A storage without it is asked for a session instead.
 */
export abstract class StorageHealth {
  /**
   * Resolves once it is proved, by a durable write and not by its word, that a session could be kept. Cheap however often it is called, and
   * by however many: what costs something is done once a second at most, for all of them together.
   * @throws StoreUnavailableError that says what is wrong, or any other error
   */
  abstract check(): Promise<void>;
}
