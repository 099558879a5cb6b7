import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import type { Scale } from '../scale.js';
import { table, type Row } from '../table.js';
import { filledSqlite } from './million.js';
import { searchRecords } from './search-data.js';
import { commandLine, login, start, PASSWORD } from './sign-in-server.js';

const ADMINISTRATOR = 'ada';
const ROUNDS = 15;
/** The counts of the overview are good for two seconds: each visit is to make them anew. */
const COUNTED_ANEW = 2_100;

const PAGES: readonly (readonly [path: string, title: string])[] = [
  ['/admin', 'Overview'],
  ['/admin/sessions', 'Sessions'],
  ['/admin/sessions?sort=lastSeenAt', 'Sessions'],
  ['/admin/sessions?state=anonymous', 'Sessions'],
  ['/admin/sessions?state=signed-in&device=firefox', 'Sessions'],
  ['/admin/sessions?ip=10.0.0.0/16', 'Sessions'],
  ['/admin/sessions?state=ended', 'Sessions'],
  ['/admin/users', 'Users'],
  ['/admin/api-keys', 'API keys'],
  ['/admin/hits?range=90d', 'Hits'],
  ['/admin/audit', 'Audit trail'],
  ['/admin/policy', 'Policy'],
  ['/admin/doctor', 'Doctor'],
];

/** How long an administrator waits for the first byte of each page of the console, with many sessions in one file. */
export async function consolePages({ searchSize }: Scale): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const file = join(directory, 'console.db');
  const database = await filledSqlite(file, [...searchRecords(searchSize, Date.now())]);
  await database.close();
  const env = { PATH: process.env.PATH, PORT: '0', SQLITE_FILE: file, API_KEY_RATE: '0' };
  await commandLine(env, ['user:create', ADMINISTRATOR, '--role', 'admin', '--password-stdin', '--final'], PASSWORD);
  const { url, child } = await start(env);
  try {
    const signedIn = await login(url, ADMINISTRATOR, PASSWORD);
    const cookie = signedIn.headers.getSetCookie()[0]!.split(';', 1)[0]!;
    const rows: Row[] = [];
    for (const [path, title] of PAGES) {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        if (title === 'Overview') await pause(COUNTED_ANEW);
        const { firstByte, text } = await look(url + path, cookie);
        assert.match(text, new RegExp(`<h1>${title}</h1>`), `${path} is not the page of ${title}`);
        times.push(firstByte);
      }
      const [first = 0] = times;
      times.sort((a, b) => a - b);
      rows.push([path, ...[first, times[Math.floor(ROUNDS / 2)]!, times.at(-1)!].map((time) => time.toFixed(0))]);
    }
    const head = ['page', 'first visit ms', 'median ms', 'slowest ms'];
    return `${searchSize} sessions in SQLite; time to the first byte, ${ROUNDS} visits of each page.\n\n${table(head, rows)}`;
  } finally {
    child.kill();
    await once(child, 'exit');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function look(url: string, cookie: string): Promise<{ firstByte: number; text: string }> {
  const since = performance.now();
  const request = get(url, { headers: { cookie, accept: 'text/html' } });
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
  const firstByte = performance.now() - since;
  let text = '';
  for await (const part of response) text += part.toString();
  return { firstByte, text };
}
