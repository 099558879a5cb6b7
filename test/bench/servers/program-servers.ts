import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSecret } from 'nest-gatehouse/common';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import { MemorySessmanStorageModule, SessmanModule } from 'nest-gatehouse/sessman';
import { API_KEY_SCOPES, ApiKeyStore } from 'nest-gatehouse/sessman/storage';
import type { BenchServer } from './bench-server.js';

const ID = '0'.repeat(20);
const SECRET = 'A'.repeat(43);

/** The key that every server of these knows. */
export const PROGRAM_KEY = `gh_${ID}_${SECRET}`;

const SERVICE = [SessionModule.forRoot(), SessmanModule.forRoot({ requestsPerMinute: 0 })];

const prepare: BenchServer['prepare'] = (app) =>
  app.get(ApiKeyStore, { strict: false }).insert({
    id: ID,
    secretHash: hashSecret(SECRET),
    formerSecretHash: null,
    formerSecretUntil: 0,
    namespace: 'bench',
    scopes: API_KEY_SCOPES,
    ownerId: null,
    createdAt: Date.now(),
    expiresAt: null,
    lastUsedAt: null,
  });

/** Servers of sessions for other programs. */
export const PROGRAM_SERVERS: readonly BenchServer[] = [
  {
    id: 'programs-memory',
    label: 'Sessman, memory',
    platform: 'fastify',
    storage: 'memory',
    imports: () => Promise.resolve([MemoryStorageModule.forRoot(), MemorySessmanStorageModule.forRoot(), ...SERVICE]),
    prepare,
  },
  {
    id: 'programs-sqlite',
    label: 'Sessman, SQLite',
    platform: 'fastify',
    storage: 'sqlite',
    imports: async () => {
      const { SqliteStorageModule } = await import('nest-gatehouse/sqlite');
      const directory = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
      process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
      return [SqliteStorageModule.forRoot({ file: join(directory, 'bench.db') }), ...SERVICE];
    },
    prepare,
  },
];
