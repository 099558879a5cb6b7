/** Writes beside each compiled module of dist/ the same one for CommonJS. */
export function writeCommonJs(): Promise<void>;
