/** Sorted, as they are compared: NFKC, and in lower case. */
export function longCommonPasswords(): string[];

/** @returns whether the file was not what it should be */
export function writeCommonPasswords(): boolean;
