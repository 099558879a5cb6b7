/** Something that is in force, and where it came from. */
export interface PolicyItem {
  /** Of the setting or option. */
  readonly name: string;
  /** As one would write it, such as `30m`. */
  readonly value: string | number | boolean | null;
  /** `default`; `environment` or `file`: a setting of the server; `code`: an option of a module. */
  readonly source: 'default' | 'environment' | 'file' | 'code';
}

/**
 * The lifetimes, limits and cookie attributes in force. The class is its own injection token: an application that reads
 * its options from elsewhere provides its own, by the `imports` of `AdminModule`. Never a secret.
 */
export abstract class PolicySource {
  abstract items(): readonly PolicyItem[];
}
