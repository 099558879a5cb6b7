import { expect, it } from '@jest/globals';
import { Latch, until } from '../support/latch.js';
import { onEveryPlatform, type Program, type SessionBody } from './support/sessman-app.js';
import { sharingApps } from '../support/apps/combinations.js';

const DAY = 86_400_000;

function newSession(program: Program, key: string, body: unknown = { data: { n: 1 } }, user = 'ann') {
  return program.post(`new?userid=${user}`, body, { 'idempotency-key': key });
}

sharingApps(onEveryPlatform)('a request with an Idempotency-Key', (start, { storage }) => {
  it('is carried out once, and answered alike from then on', async () => {
    const app = await start();
    const program = await app.program();
    const first = await newSession(program, 'one');
    const { session_id: id } = first.json<SessionBody>();
    await program.post(`update?sessionid=${id}`, { data: { n: 2 } });
    for (const key of ['one', '"one"']) {
      const again = await newSession(program, key);
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([201, first.text, '"1"']);
    }
    expect((await program.get('list?userid=ann')).json<{ items: unknown[] }>().items).toHaveLength(1);

    const increment = () =>
      program.post(`patch?sessionid=${id}`, { increment: { n: 1 } }, { 'idempotency-key': 'two' });
    const answers = [await increment(), await increment(), await increment()];
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(JSON.parse((await app.stored(id))!.data)).toEqual({ n: 3 });
  });

  it('is refused with the same key and anything else', async () => {
    const app = await start();
    const program = await app.program();
    const { session_id: id } = (await newSession(program, 'one')).json<SessionBody>();
    const others = [
      newSession(program, 'one', { data: { n: 2 } }),
      newSession(program, 'one', { data: { n: 1 }, ttl: 60 }),
      newSession(program, 'one', { data: { n: 1 } }, 'bob'),
      program.post(`patch?sessionid=${id}`, { set: { n: 1 } }, { 'idempotency-key': 'one' }),
    ];
    for (const refused of await Promise.all(others)) {
      expect([refused.status, refused.json()]).toMatchObject([422, { code: 'idempotency_key_reused' }]);
    }
    expect(await app.stored(id)).toMatchObject({ data: '{"n":1}', version: 1 });
    expect((await program.get('list?userid=bob')).json()).toMatchObject({ items: [] });
  });

  it('of another API key is another request', async () => {
    const app = await start();
    const [one, two] = [await app.program(), await app.program()];
    const ids = [await newSession(one, 'k'), await newSession(two, 'k')].map((a) => a.json<SessionBody>().session_id);
    expect(new Set(ids).size).toBe(2);
  });

  it('is refused while the first one still runs', async () => {
    const app = await start();
    const program = await app.program();
    const latch = new Latch();
    const insert = app.store.holdBack('insert', latch);
    const first = newSession(program, 'one');
    await until('the first is under way', insert);
    const refused = await newSession(program, 'one');
    expect([refused.status, refused.json()]).toMatchObject([409, { code: 'idempotency_in_progress' }]);
    latch.open();
    const answered = (await first).text;
    expect((await newSession(program, 'one')).text).toBe(answered);
  });

  it('is free again if it was refused', async () => {
    const app = await start({ sessman: { maxDataBytes: 20 } });
    const program = await app.program();
    expect((await newSession(program, 'one', { data: { n: 'x'.repeat(20) } })).status).toBe(413);
    expect((await newSession(program, 'one', { data: { n: 1 } })).status).toBe(201);
    const { session_id: id } = await program.open('ann', { n: 'x' });
    const patch = (body: unknown) => program.post(`patch?sessionid=${id}`, body, { 'idempotency-key': 'two' });
    expect((await patch({ increment: { n: 1 } })).status).toBe(400);
    expect((await patch({ set: { n: 1 } })).status).toBe(200);
  });

  it('keeps its claim where nobody knows whether it took effect, and is free after 30 s', async () => {
    const app = await start();
    const program = await app.program();
    app.store.set('rejects', 'insert');
    expect((await newSession(program, 'one')).status).toBe(503);
    app.store.set('well');
    const refused = await newSession(program, 'one');
    expect([refused.status, refused.json()]).toMatchObject([409, { code: 'idempotency_in_progress' }]);
    app.clock.advance(30_000);
    expect((await newSession(program, 'one')).status).toBe(201);
  });

  it('is forgotten after a day', async () => {
    const app = await start();
    const program = await app.program();
    const ids = new Set([(await newSession(program, 'one')).json<SessionBody>().session_id]);
    app.clock.advance(DAY - 1);
    ids.add((await newSession(program, 'one')).json<SessionBody>().session_id);
    expect(ids.size).toBe(1);
    app.clock.advance(1);
    ids.add((await newSession(program, 'one')).json<SessionBody>().session_id);
    expect(ids.size).toBe(2);
  });

  it('is carried out once of 50 at the same time', async () => {
    const app = await start();
    const program = await app.program();
    const { session_id: id } = await program.open();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        program.post(`patch?sessionid=${id}`, { increment: { n: 1 } }, { 'idempotency-key': 'one' }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(
      answers.some(({ status }) => status === 409) ? new Set([200, 409]) : new Set([200]),
    );
    expect(JSON.parse((await app.stored(id))!.data)).toEqual({ n: 1 });
  });

  it.each(['', '""', 'x'.repeat(256), 'ä', '"a', 'a b'])('is refused with the key %j', async (key) => {
    const program = await (await start()).program();
    const sent = Buffer.from(key).toString('latin1');
    const refused = await newSession(program, sent);
    expect([refused.status, refused.json()]).toMatchObject([400, { code: 'idempotency_key_invalid' }]);
  });

  if (!storage.isShared) return;
  it('is answered alike by another instance, and after a restart', async () => {
    const [one, two] = [await start(), await start()];
    const program = await one.program();
    const first = await newSession(program, 'one');
    const elsewhere = await fetch(`${two.url}/sessman/new?userid=ann`, {
      method: 'POST',
      body: '{"data":{"n":1}}',
      headers: { authorization: `Bearer ${program.key}`, 'idempotency-key': 'one' },
    });
    expect([elsewhere.status, await elsewhere.text()]).toEqual([201, first.text]);
  });
});
