/** Why the file cannot be used. Nothing in it has been changed. */
export class SqliteFileError extends Error {
  /** The option of `SqliteStorageModule` that names the file. */
  readonly option = 'file';

  constructor(
    readonly file: string,
    /** What is wrong, as a predicate to the name of the file. */
    readonly fault: string,
    /** What to do. */
    readonly remedy: string,
    cause?: unknown,
  ) {
    super(
      `SqliteStorageModule option "file": ${file} ${fault}. ${remedy}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'SqliteFileError';
  }
}
