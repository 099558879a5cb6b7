import { createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { onEveryPlatform } from './support/admin-app.js';
import { samplesOf } from './support/prometheus.js';
import { freePort } from '../support/free-port.js';

const TOKEN = 'a-token-for-the-scraper';

onEveryPlatform('The port of the metrics', (start) => {
  it('answers /metrics and nothing else, to whoever reaches it', async () => {
    const port = await freePort();
    const app = await start({ admin: { metricsPort: port } });
    const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
    const metrics = await ask('/metrics');
    expect([metrics.status, metrics.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(samplesOf(await metrics.text()).get('gatehouse_sessions_opened_total')).toBe(0);
    expect(await (await ask('/metrics?x=1', { method: 'HEAD' })).text()).toBe('');
    expect((await ask('/metrics', { method: 'POST' })).status).toBe(405);
    for (const path of ['/', '/metrics/', '/admin/api/stats', '/auth/me']) {
      const answer = await ask(path);
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        path,
        404,
        'application/problem+json; charset=utf-8',
      ]);
    }
    await app.close();
    await expect(ask('/metrics')).rejects.toThrow();
  });

  it('wants the token where one is set', async () => {
    const port = await freePort();
    await start({ admin: { metricsPort: port, metricsToken: TOKEN } });
    const ask = async (authorization?: string) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
      return answer.ok ? 'text' : ((await answer.json()) as { code: string }).code;
    };
    expect(await ask(`Bearer ${TOKEN}`)).toBe('text');
    expect(await ask('Bearer other')).toBe('metrics_token_invalid');
    expect(await ask()).toBe('metrics_token_required');
  });

  it('stops the start where it is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => holder.once('listening', listening));
    const { port } = holder.address() as { port: number };
    try {
      await expect(start({ admin: { metricsPort: port } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    } finally {
      holder.close();
    }
  });
});
