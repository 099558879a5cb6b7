import type { UserRecord } from 'nest-gatehouse/auth/storage';
import type { Awaitable } from 'nest-gatehouse/common';

/** Whose data it is. */
export type PersonalDataSubject = Pick<UserRecord, 'id' | 'username'>;

/**
 * What the application itself keeps of its users, for the export and the deletion of an account. The class is its own
 * injection token; the application provides it by the `imports` of `AdminModule`.
 */
export abstract class PersonalData {
  /** What is kept of this user, as JSON; it becomes the field `application` of the export. */
  abstract export(user: PersonalDataSubject): Awaitable<unknown>;

  /**
   * Erases it. Called again if a deletion was interrupted. If it throws, the account is not deleted but stays disabled.
   */
  abstract erase(user: PersonalDataSubject): Awaitable<void>;
}
