import { expect, it } from '@jest/globals';
import { onEveryPlatform, Program, type SessionBody } from './support/sessman-app.js';
import { sharingApps } from '../support/apps/combinations.js';

const DAY = 86_400_000;

sharingApps(onEveryPlatform)('sessions for other programs', (start, { platform }) => {
  it('walk from new over get and update to their end', async () => {
    const app = await start();
    const program = await app.program();
    const made = await program.post('new?userid=ann', { data: { cart: [1, { n: 2 }] } });
    expect(made.status).toBe(201);
    expect(made.headers.get('etag')).toBe('"1"');
    const session = made.json<SessionBody>();
    expect(session).toEqual({
      session_id: expect.stringMatching(/^[\w-]{22}$/),
      user: 'ann',
      data: { cart: [1, { n: 2 }] },
      expires_at: new Date(app.clock.now() + DAY).toISOString(),
      version: 1,
    });
    const { session_id: id } = session;
    for (const method of ['get', 'post'] as const) {
      const got = await program[method](`get?sessionid=${id}&userid=ann`);
      expect([got.status, got.json(), got.headers.get('etag')]).toEqual([200, session, '"1"']);
    }

    app.clock.advance(DAY / 2);
    const updated = await program.post(`update?sessionid=${id}`, { data: { other: true } });
    const moved = { ...session, data: { other: true }, version: 2 };
    const expires = new Date(app.clock.now() + DAY).toISOString();
    expect([updated.status, updated.json()]).toEqual([200, { ...moved, expires_at: expires }]);
    expect(await app.stored(id)).toMatchObject({ data: '{"other":true}', userId: 'sessman:shop:ann' });

    app.clock.advance(DAY);
    const gone = await program.get(`get?sessionid=${id}`);
    expect([gone.status, gone.json()]).toMatchObject([404, { code: 'session_not_found' }]);
  });

  it('take both spellings of the parameters', async () => {
    const program = await (await start()).program();
    const { session_id: id } = (await program.post('new?user=ann', { data: { n: 1 } })).json<SessionBody>();
    expect((await program.post(`update?session_id=${id}`, { data: { n: 2 } })).status).toBe(200);
    expect((await program.get(`get?session_id=${id}&user=ann`)).json()).toMatchObject({ data: { n: 2 } });
    expect((await program.get('list?user=ann')).json()).toMatchObject({ items: [{ session_id: id }] });
  });

  it.each([
    'text/javascript',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'application/json',
    'x',
  ])('read a body of %s as JSON', async (type) => {
    const program = await (await start()).program();
    const headers = { 'content-type': type };
    const made = await program.send('new?user=ann', '{"data":{"a":"ä"}}', headers);
    expect([made.status, made.json()]).toMatchObject([201, { data: { a: 'ä' } }]);
    const { session_id: id } = made.json<SessionBody>();
    for (const body of ['', ' ', '{}']) {
      const updated = await program.send(`update?session_id=${id}`, body, headers);
      expect([updated.status, updated.json()]).toMatchObject([200, { data: {} }]);
    }
    expect((await program.send(`update?session_id=${id}`, '{"data":', headers)).json()).toMatchObject({
      status: 400,
      code: 'body_invalid',
    });
  });

  it('keep every key of the data as it was sent', async () => {
    const app = await start();
    const program = await app.program();
    const data = '{"__proto__":{"x":1},"a.b":null,"$set":[],"":"é🙂","constructor":1}';
    const made = await program.send('new?user=ann', `{"data":${data}}`);
    expect(made.text).toContain(`"data":${data}`);
    const { session_id: id } = made.json<SessionBody>();
    expect((await app.stored(id))?.data).toBe(data);
    const patched = await program.send(`patch?sessionid=${id}`, '{"set":{"__proto__":2},"unset":["a.b","toString"]}');
    expect(patched.text).toContain('"data":{"__proto__":2,"$set":[],"":"é🙂","constructor":1}');
  });

  it('change single keys, all or none of them', async () => {
    const app = await start();
    const program = await app.program();
    const { session_id: id } = await program.open('ann', { a: 1, b: 'x', n: 5 });
    const patch = { set: { a: { deep: true } }, unset: ['b', 'absent'], increment: { n: -2, m: 1.5 } };
    const patched = await program.post(`patch?sessionid=${id}`, patch);
    const after = { a: { deep: true }, n: 3, m: 1.5 };
    expect([patched.status, patched.json<SessionBody>().data]).toEqual([200, after]);
    const refused = await program.post(`patch?sessionid=${id}`, { set: { z: 1 }, increment: { a: 1 } });
    expect([refused.status, refused.json()]).toMatchObject([400, { code: 'increment_invalid' }]);
    expect(JSON.parse((await app.stored(id))!.data)).toEqual(after);
  });

  it('reset their expiry with every change, and with nothing else', async () => {
    const app = await start();
    const program = await app.program();
    const { session_id: id } = await program.open('ann', { n: 1 }, 60);
    const changes = [`update?sessionid=${id}`, `patch?sessionid=${id}`, `touch?sessionid=${id}`];
    for (const change of changes) {
      app.clock.advance(50_000);
      expect((await program.get(`get?sessionid=${id}`)).status).toBe(200);
      const changed = await program.post(change);
      expect([changed.status, changed.json<SessionBody>().expires_at]).toEqual([
        200,
        new Date(app.clock.now() + 60_000).toISOString(),
      ]);
    }
    app.clock.advance(60_000);
    for (const change of changes) expect((await program.post(change)).status).toBe(404);
  });

  it('change under If-Match only while the version is the one asked for', async () => {
    const app = await start();
    const program = await app.program();
    const { session_id: id } = await program.open('ann', { n: 1 });
    const ifMatch = (tag: string) => ({ 'if-match': tag });
    const first = await program.post(`update?sessionid=${id}`, { data: { n: 2 } }, ifMatch('"1"'));
    expect([first.status, first.headers.get('etag')]).toEqual([200, '"2"']);
    for (const route of ['update', 'patch', 'touch']) {
      const refused = await program.post(`${route}?sessionid=${id}`, {}, ifMatch('"1"'));
      expect([refused.status, refused.json()]).toMatchObject([412, { code: 'version_mismatch' }]);
      expect((await app.stored(id))?.data).toBe('{"n":2}');
      const odd = await program.post(`${route}?sessionid=${id}`, {}, ifMatch('W/"2"'));
      expect([odd.status, odd.json()]).toMatchObject([400, { code: 'if_match_invalid' }]);
    }
    expect((await program.post(`touch?sessionid=${id}`, undefined, ifMatch('*'))).status).toBe(200);
  });

  it('count every one of 100 parallel increments', async () => {
    const program = await (await start()).program();
    const { session_id: id } = await program.open();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => program.post(`patch?sessionid=${id}`, { increment: { n: 1 } })),
    );
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect((await program.get(`get?sessionid=${id}`)).json()).toMatchObject({ data: { n: 100 }, version: 101 });
  });

  it('end once', async () => {
    const app = await start();
    const program = await app.program();
    const { session_id: id } = await program.open();
    const ended = new Promise((resolve) => app.events.on('session.ended', resolve));
    const answer = await program.post(`delete?sessionid=${id}`);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await app.stored(id)).toBeNull();
    const session = { handle: id, userId: 'sessman:shop:ann', username: 'ann', countedDay: 0 };
    expect(await ended).toMatchObject({ handle: id, userId: 'sessman:shop:ann', session });
    expect((await program.post(`delete?sessionid=${id}`)).json()).toMatchObject({ code: 'session_not_found' });
  });

  it('are listed by user, newest first, in pages', async () => {
    const app = await start();
    const program = await app.program();
    const made: SessionBody[] = [];
    for (let n = 0; n < 5; n++) {
      app.clock.advance(1_000);
      made.unshift(await program.open('ann', { n }));
    }
    await program.open('bob');
    const found: SessionBody[] = [];
    let cursor = '';
    do {
      const page = (await program.get(`list?userid=ann&limit=2${cursor}`)).json<{
        items: SessionBody[];
        next: string;
      }>();
      found.push(...page.items);
      cursor = page.next && `&cursor=${page.next}`;
    } while (cursor);
    expect(found).toEqual(made);
    const odd = await program.get('list?userid=ann&cursor=x');
    expect([odd.status, odd.json()]).toMatchObject([400, { code: expect.stringMatching(/cursor/) }]);
  });

  it('are got several at once, in the order asked for', async () => {
    const program = await (await start()).program();
    const [first, second] = [await program.open('ann', { n: 1 }), await program.open('bob', { n: 2 })];
    const ids = [second.session_id, 'unknown', first.session_id, second.session_id];
    const answer = await program.post('batch-get', { sessionids: ids });
    expect([answer.status, answer.json()]).toEqual([200, { items: [second, first], missing: ['unknown'] }]);
  });

  it('are as unknown to another namespace as if they were not there', async () => {
    const app = await start();
    const [program, other] = [await app.program(), await app.program({ namespace: 'other' })];
    const session = await program.open('ann', { secret: 'ours' });
    const { session_id: id } = session;
    const unknown = 'x'.repeat(22);
    for (const [route, body] of [
      ['get', undefined],
      ['update', { data: {} }],
      ['patch', { set: { a: 1 } }],
      ['touch', undefined],
      ['delete', undefined],
    ] as const) {
      const foreign = await other.post(`${route}?sessionid=${id}`, body);
      const absent = await other.post(`${route}?sessionid=${unknown}`, body);
      expect([foreign.status, foreign.text]).toEqual([404, absent.text]);
    }
    expect((await other.get('list?userid=ann')).json()).toEqual({ items: [], next: null });
    expect((await other.post('batch-get', { sessionids: [id] })).json()).toEqual({ items: [], missing: [id] });
    const wrongUser = await program.get(`get?sessionid=${id}&userid=bob`);
    const absent = await program.get(`get?sessionid=${unknown}&userid=bob`);
    expect([wrongUser.status, wrongUser.text]).toEqual([404, absent.text]);
    expect((await program.get(`get?sessionid=${id}`)).json()).toEqual(session);
  });

  it('are opened by no cookie, and a cookie’s session is none of theirs', async () => {
    const app = await start();
    const program = await app.program();
    const { session_id: id } = await program.open();
    const record = (await app.stored(id))!;
    expect(record.userId).not.toBeNull();
    const answer = await program.get(`get?sessionid=${id}`, { cookie: `sid=${id}.${record.secretHash}` });
    expect(answer.setCookies).toEqual([]);
    expect(record.persistent).toBe(false);
  });

  it('refuse data beyond the limit, and keep what was there', async () => {
    const app = await start({ sessman: { maxDataBytes: 100 } });
    const program = await app.program();
    const big = { text: 'x'.repeat(100) };
    const refused = await program.post('new?userid=ann', { data: big });
    expect([refused.status, refused.json()]).toMatchObject([413, { code: 'session_too_large' }]);
    const { session_id: id } = await program.open('ann', { n: 1 });
    for (const [route, body] of [
      ['update', { data: big }],
      ['patch', { set: big }],
    ] as const) {
      const answer = await program.post(`${route}?sessionid=${id}`, body);
      expect([answer.status, answer.json()]).toMatchObject([413, { code: 'session_too_large' }]);
    }
    const huge = await program.send(`update?sessionid=${id}`, `{"data":{"x":"${'y'.repeat(1_000)}"}}`);
    expect([huge.status, huge.json()]).toMatchObject([413, { code: 'body_too_large' }]);
    expect(await app.stored(id)).toMatchObject({ data: '{"n":1}', version: 1 });
  });

  it.each([
    ['new', '', 'userid_missing'],
    ['new?userid=', '', 'userid_invalid'],
    ['new?userid=a&userid=b', '', 'userid_invalid'],
    [`new?userid=${'a'.repeat(257)}`, '', 'userid_invalid'],
    ['new?userid=a%00', '', 'userid_invalid'],
    ['new?userid=ann', '[]', 'body_invalid'],
    ['new?userid=ann', '"x"', 'body_invalid'],
    ['new?userid=ann', 'null', 'body_invalid'],
    ['new?userid=ann', '{"data":[]}', 'data_invalid'],
    ['new?userid=ann', '{"data":"x"}', 'data_invalid'],
    ['new?userid=ann', '{"data":{},"user":"x"}', 'body_invalid'],
    ['new?userid=ann', '{"ttl":0}', 'ttl_invalid'],
    ['new?userid=ann', '{"ttl":0.5}', 'ttl_invalid'],
    ['new?userid=ann', '{"ttl":"60"}', 'ttl_invalid'],
    ['new?userid=ann', '{"ttl":2592001}', 'ttl_invalid'],
    ['update', '{"data":{}}', 'sessionid_missing'],
    ['patch?sessionid=x', '{"set":[]}', 'set_invalid'],
    ['patch?sessionid=x', '{"unset":{}}', 'unset_invalid'],
    ['patch?sessionid=x', '{"unset":[1]}', 'unset_invalid'],
    ['patch?sessionid=x', '{"increment":{"n":"1"}}', 'increment_invalid'],
    ['patch?sessionid=x', '{"increment":{"n":1e999}}', 'increment_invalid'],
    ['batch-get', '{}', 'sessionids_missing'],
    ['batch-get', '{"sessionids":"x"}', 'sessionids_invalid'],
  ])('refuse %s with %s: %s', async (path, body, code) => {
    const refused = await (await (await start()).program()).send(path, body);
    expect([refused.status, refused.json()]).toMatchObject([
      400,
      { code, errors: [{ field: expect.any(String), message: expect.any(String) }] },
    ]);
    expect(refused.text).not.toContain('1e999');
  });

  it('refuse data that is nested too deeply, and live on', async () => {
    const program = await (await start()).program();
    const deep = `{"data":{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`;
    const refused = await program.send('new?userid=ann', deep);
    expect([refused.status, refused.json()]).toMatchObject([400, { code: 'data_invalid' }]);
    expect((await program.post('new?userid=ann')).status).toBe(201);
  });

  it('refuse a compressed body', async () => {
    const program = await (await start()).program();
    const refused = await program.send('new?userid=ann', '{}', { 'content-encoding': 'gzip' });
    expect([refused.status, refused.json()]).toMatchObject([415, { code: 'unsupported_media_type' }]);
  });

  it('answer 503 while the store does not, and change nothing', async () => {
    const app = await start();
    const program = await app.program();
    const { session_id: id } = await program.open('ann', { n: 1 });
    app.store.set('rejects');
    const refused = await program.post(`update?sessionid=${id}`, { data: {} });
    expect([refused.status, refused.json()]).toMatchObject([503, { code: 'store_unavailable' }]);
    app.store.set('well');
    expect(await app.stored(id)).toMatchObject({ data: '{"n":1}', version: 1 });
  });

  it('are found below a prefix of the application and of their own', async () => {
    const app = await start({ sessman: { prefix: 'programs/sessions' }, globalPrefix: 'api' });
    const { key } = await app.program();
    const answer = await fetch(`${app.url}/api/programs/sessions/new?user=ann`, {
      method: 'POST',
      body: '{"data":{"n":1}}',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/javascript' },
    });
    expect([answer.status, await answer.json()]).toMatchObject([201, { data: { n: 1 } }]);
  });

  // What two instances see of each other depends on the store alone.
  if (platform === 'express') return;

  it('count every one of 300 increments that two instances get at once', async () => {
    const instances = [await start(), await start()];
    const { key } = await instances[0]!.program();
    const [one, two] = instances.map(({ url }) => new Program(url, '', key)) as [Program, Program];
    const { session_id: id } = await one.open('ann', { n: 0 });
    const increment = (program: Program) => program.post(`patch?sessionid=${id}`, { increment: { n: 1 } });
    for (let batch = 0; batch < 3; batch++) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => [increment(one), increment(two)]).flat());
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    }
    expect((await two.get(`get?sessionid=${id}`)).json()).toMatchObject({ data: { n: 300 }, version: 301 });
  });

  it('know a key no more that another instance has revoked', async () => {
    const [one, two] = [await start(), await start()];
    const program = await one.program();
    const elsewhere = new Program(two.url, program.id, program.key);
    expect((await elsewhere.post('new?userid=ann')).status).toBe(201);
    await one.keys.revoke(program.id);
    const refused = await elsewhere.post('new?userid=ann');
    expect([refused.status, refused.json()]).toMatchObject([401, { code: 'api_key_invalid' }]);
  });
});
