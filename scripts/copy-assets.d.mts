/** What is not TypeScript in libs and src, as paths from the root with `/`. */
export function assetFiles(): string[];

/** Puts it beside the compiled code. */
export function copyAssets(): void;
