import { Logger } from '@nestjs/common';

export interface MissingStorage {
  /** The module that needs it. */
  readonly module: string;
  /** The names of the missing contracts. */
  readonly contracts: readonly string[];
  /** The module by which an application explicitly chooses memory. */
  readonly inMemory: string;
  /** What is lost with the process. */
  readonly kept: string;
}

/** Warns that no storage module was imported. @throws Error in production, with the remedy */
export function requireStorage({ module, contracts, inMemory, kept }: MissingStorage): void {
  if (contracts.length === 0) return;
  const names = contracts.join(', ');
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      `${module} has no storage for ${names}: in production import a storage module, such as SqliteStorageModule.forRoot({ file }), or ` +
        `${inMemory} if ${kept} may be lost with the process.`,
    );
  }
  new Logger('Gatehouse').warn(
    `Kept in memory and lost with this process: ${names}. Import a storage module to keep them.`,
  );
}
