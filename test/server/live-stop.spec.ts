import { afterAll, describe, expect, it } from '@jest/globals';
import { EventStream } from '../admin/support/event-stream.js';
import { signInTo, startWithAdministrator } from '../support/servers/administrator.js';
import { cleanUp } from '../support/servers/reference-server.js';

describe.each(['fastify', 'express'])('a stream of figures, on %s', (HTTP_ADAPTER) => {
  afterAll(cleanUp);

  it('does not delay the stop of the server', async () => {
    const server = await startWithAdministrator({ env: { HTTP_ADAPTER, SHUTDOWN_GRACE: '1h' } });
    const ada = await signInTo(server);
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const streams = await Promise.all(
      Array.from({ length: 3 }, () => EventStream.open(`${server.url}/admin/api/live`, { cookie })),
    );
    await Promise.all(streams.map((stream) => stream.message(0)));
    // Within the grace of an hour it would wait for answers that never end.
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    await Promise.all(streams.map(({ ended }) => ended));
  });
});
