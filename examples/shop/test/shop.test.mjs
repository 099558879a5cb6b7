import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import mongoose from 'mongoose';
import { userStoreContract } from 'nest-gatehouse/testing';
import { MemoryAuditLog, MemoryLoginAttempts } from 'nest-gatehouse/auth';
import { WebSocket } from 'ws';
import { Browser, freePort, start } from '../../walk.mjs';
import { Person, PersonSchema } from '../dist/people/person.schema.js';
import { PersonStore } from '../dist/people/person.store.js';

const PASSWORD = 'a-password-from-before';
const OLD_HASH = '$2b$10$qpu1Wz94cNOoaZQCofQ2DOca9PI/sbYNL2DipuX94oxa.N3kMGmPm';
const uri = process.env.MONGODB_URI ?? 'mongodb://localhost/shop-test';

const connection = mongoose.createConnection(uri);
const people = connection.model(Person.name, PersonSchema);
let stop;
let port;

before(async () => {
  await connection.asPromise();
  await connection.dropDatabase();
  await people.init();
  // As the shop wrote them before it had Gatehouse.
  await people.collection.insertMany([
    { email: 'ann@example.com', passwordHash: OLD_HASH, roles: ['customer'] },
    { email: 'bob@example.com', passwordHash: OLD_HASH, roles: ['staff'] },
  ]);
  port = await freePort();
  stop = await start('dist/main.js', port, { MONGODB_URI: uri });
});

after(async () => {
  await stop?.();
  await connection.dropDatabase();
  await connection.close();
});

const browser = () => new Browser(`http://localhost:${port}`);
const signIn = (visitor, username) => visitor.post('/auth/login', { username, password: PASSWORD });

describe('The shop', () => {
  it('keeps the cart through the sign-in, in a new session', async () => {
    const ann = browser();
    await ann.post('/cart', { item: 'tea' });
    const anonymous = ann.cookie();
    assert.equal((await signIn(ann, 'Ann@example.com')).status, 200);
    assert.notEqual(ann.cookie(), anonymous);
    assert.deepEqual((await ann.get('/cart')).json(), ['tea']);
    assert.deepEqual((await browser().get('/cart', { cookie: anonymous })).json(), []);
  });

  it('accepts the old hash, and replaces it', async () => {
    await signIn(browser(), 'bob@example.com');
    const { passwordHash, _id } = await people.findOne({ email: 'bob@example.com' }).lean();
    assert.notEqual(passwordHash, OLD_HASH);
    assert.equal(_id instanceof mongoose.Types.ObjectId, true);
    assert.equal((await signIn(browser(), 'bob@example.com')).status, 200);
    const wrong = await browser().post('/auth/login', { username: 'bob@example.com', password: 'another one' });
    assert.equal(wrong.status, 401);
  });

  it('lets customers order, and only the staff see the orders', async () => {
    const [ann, bob, visitor] = [browser(), browser(), browser()];
    await signIn(ann, 'ann@example.com');
    await signIn(bob, 'bob@example.com');
    await visitor.post('/cart', { item: 'tea' });
    assert.equal((await visitor.post('/orders')).status, 401);
    await ann.post('/cart', { item: 'cocoa' });
    assert.equal((await ann.post('/orders')).status, 201);
    assert.deepEqual((await ann.get('/cart')).json(), []);
    assert.equal((await ann.get('/orders')).status, 403);
    assert.deepEqual((await bob.get('/orders')).json(), [{ customer: 'ann@example.com', items: ['cocoa'] }]);
  });

  it('shows orders to the staff on a socket, which closes with the sign-out', async () => {
    const [ann, bob] = [browser(), browser()];
    await signIn(ann, 'ann@example.com');
    await signIn(bob, 'bob@example.com');
    for (const cookie of ['', ann.cookie()]) assert.equal(await codeOfEnd(socketOf(cookie)), 1008);
    const [refusal] = await once(socketOf(bob.cookie(), 'http://evil.example'), 'error');
    assert.match(refusal.message, /403/);
    const socket = socketOf(bob.cookie());
    const end = codeOfEnd(socket);
    const order = once(socket, 'message');
    await once(socket, 'open');
    // The socket has its place once an order arrives; those before it had none to see.
    const ordering = new AbortController();
    order.then(() => ordering.abort());
    while (!ordering.signal.aborted) {
      await ann.post('/cart', { item: 'milk' });
      await ann.post('/orders');
      await pause(20, undefined, { signal: ordering.signal }).catch(() => undefined);
    }
    assert.deepEqual(JSON.parse(String((await order)[0])), { customer: 'ann@example.com', items: ['milk'] });
    assert.equal((await bob.post('/auth/logout')).status, 204);
    assert.equal(await end, 1008);
  });
});

function socketOf(cookie, origin) {
  return new WebSocket(`ws://localhost:${port}/orders/live`, { headers: { cookie, ...(origin && { origin }) } });
}

async function codeOfEnd(socket) {
  const [code] = await once(socket, 'close');
  return code;
}

const accounts = connection.model('ContractPerson', PersonSchema, 'people_of_contract');
userStoreContract(
  'PersonStore',
  {
    async open() {
      await accounts.init();
      await accounts.deleteMany();
      return {
        users: new PersonStore(accounts),
        attempts: new MemoryLoginAttempts(),
        audit: new MemoryAuditLog(),
        now: () => Date.now(),
        elapse: (milliseconds) => pause(milliseconds),
        close: async () => {},
      };
    },
  },
  { describe, it },
);
