import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** Templates and assets stay where they are written, so the same path serves the sources and what is built of them. */
export const packageRoot = dirname(createRequire(import.meta.url).resolve('nest-gatehouse/package.json'));
