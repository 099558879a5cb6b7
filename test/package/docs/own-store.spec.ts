import { afterAll } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { loadFile } from './page-files.js';

// The suites that these pages show run on the stores that they show.
const pages = [
  ['docs/own-store.md', 'table-session.contract.ts'],
  ['docs/own-users.md', 'member.contract.ts'],
] as const;

const folders: string[] = [];
for (const [page, file] of pages) folders.push((await loadFile(page, file)).folder);

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));
