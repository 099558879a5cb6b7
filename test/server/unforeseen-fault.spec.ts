import { afterAll, describe, expect, it } from '@jest/globals';
import { signInTo, startWithAdministrator } from '../support/servers/administrator.js';
import { cleanUp } from '../support/servers/reference-server.js';

describe.each(['fastify', 'express'])('an error that nobody has foreseen, on %s', (HTTP_ADAPTER) => {
  afterAll(cleanUp);

  it('is caught, told to the log and to nobody else, and costs no other request its answer', async () => {
    const server = await startWithAdministrator({
      preload: ['test/support/servers/unforeseen-fault.mjs'],
      deadline: 60_000,
      env: { HTTP_ADAPTER },
    });
    const client = await signInTo(server);
    const [thrown, page, rejected, healthy] = await Promise.all([
      client.get('/auth/sessions'),
      client.get('/account/sessions', { headers: { accept: 'text/html' } }),
      client.request('DELETE', '/auth/sessions'),
      client.get('/health/live'),
    ]);
    for (const answer of [thrown, rejected])
      expect(answer.json()).toMatchObject({ status: 500, code: 'internal_error' });
    expect([page.status, page.headers.get('content-type')]).toEqual([500, 'text/html; charset=utf-8']);
    for (const { text } of [thrown, page, rejected]) expect(text).not.toMatch(/fault-6e21|thrown-52ad|TypeError|\.js/);
    expect(healthy.status).toBe(200);

    // The three are logged in any order: wait for each of them, not for two of their texts.
    await server.waitFor(/("context":"Problem".*\n[^]*){3}/);
    const faults = server.logLines.filter(({ context }) => context === 'Problem');
    expect(faults).toHaveLength(3);
    expect(faults).toContainEqual(
      expect.objectContaining({
        level: 50,
        err: expect.objectContaining({ type: 'TypeError', stack: expect.stringContaining('unforeseen-fault.mjs') }),
      }),
    );
    expect(server.stdout + server.stderr).not.toContain('thrown-52ad');
    expect((await client.get('/auth/me')).status).toBe(200);
  });
});
