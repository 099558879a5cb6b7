import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { Browser, freePort, start } from '../../walk.mjs';

it('keeps sessions in PostgreSQL through a restart', async () => {
  const DATABASE = await mkdtemp(join(tmpdir(), 'gatehouse-own-store-'));
  const port = await freePort();
  const browser = new Browser(`http://localhost:${port}`);
  try {
    for (const visits of [
      [1, 2],
      [3, 4],
    ]) {
      const stop = await start('dist/main.js', port, { DATABASE });
      for (const count of visits) assert.deepEqual((await browser.get('/visits')).json(), { visits: count });
      await stop();
    }
  } finally {
    await rm(DATABASE, { recursive: true });
  }
});
