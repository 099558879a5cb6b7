import { randomBytes } from 'node:crypto';
import mongoose, { type Connection, type mongo } from 'mongoose';
import { MongooseDatabase, MongooseSessionIndex, MongooseSessionStore } from 'nest-gatehouse/mongoose';
import type { Scale } from '../scale.js';
import { MONGODB_URI } from '../servers/mongodb-servers.js';
import { SESSION_VALUES } from '../servers/session-values.js';
import { table, type Row } from '../table.js';
import { sampleRecord, userOf } from './sample-record.js';
import { compare, OPERATION_OF, type Filled } from './store-operations.js';

const FILL_AT_ONCE = 5_000;

interface FilledMongodb extends Filled {
  readonly connection: Connection;
}

/** Whether an operation takes longer where the store keeps more sessions, and by which index MongoDB finds them. */
export async function mongodbScale({ mongodbSizes, rounds }: Scale): Promise<string> {
  const storages: FilledMongodb[] = [];
  try {
    for (const size of mongodbSizes) storages.push(await fill(size));
    const sizes = mongodbSizes.map((size) => `${size} sessions`);
    const rows: Row[] = [];
    // Plans first: revoking takes sessions away.
    const plans = await plansOf(storages.at(-1)!);
    const room = await roomOf(storages.at(-1)!.connection);
    for (const name of Object.keys(OPERATION_OF)) rows.push(await compare(name, storages, rounds));
    const times = table(['µs an operation', ...sizes, ...(sizes.length > 1 ? ['ratio'] : [])], rows);
    return [times, plans, room].join('\n\n');
  } finally {
    for (const { connection } of storages) {
      await connection.dropDatabase();
      await connection.close();
    }
  }
}

async function fill(size: number): Promise<FilledMongodb> {
  const options = { dbName: `bench_scale_${size}`, monitorCommands: true };
  const connection = await mongoose.createConnection(process.env[MONGODB_URI]!, options).asPromise();
  const database = await MongooseDatabase.open(connection, { operationDeadline: '30s' });
  const store = new MongooseSessionStore(database);
  const index = new MongooseSessionIndex(database);
  const sample = sampleRecord(0, SESSION_VALUES);
  await store.insert(sample);
  const sessions = connection.db!.collection<{ _id: string }>('gatehouse_sessions');
  const { _id, ...template } = (await sessions.findOne({ _id: sample.handle }))!;
  const handles = [_id];
  while (handles.length < size) {
    const documents = Array.from({ length: Math.min(FILL_AT_ONCE, size - handles.length) }, (_, at) => ({
      ...template,
      _id: randomBytes(16).toString('base64url'),
      secretHash: randomBytes(32),
      userId: userOf(handles.length + at),
      createdAt: new Date(sample.createdAt - handles.length - at),
    }));
    await sessions.insertMany(documents, { ordered: false });
    for (const document of documents) handles.push(document._id);
  }
  return { store, index, handles, connection };
}

/** How the server answers what the store really sends, told by running it again under `explain`. */
async function plansOf({ store, index, handles, connection }: FilledMongodb): Promise<string> {
  const sent: mongo.Document[] = [];
  connection.getClient().on('commandStarted', ({ command }) => sent.push(command));
  const handle = handles[0]!;
  const questions: readonly (readonly [string, () => unknown])[] = [
    ['read', () => store.read(handle)],
    ['save', () => store.update(handle, { data: { set: new Map([['visits', '1']]) }, maxDataBytes: 65_536 })],
    ['list by user', () => index.find({ userId: userOf(0) }, { limit: 20 })],
    ['list all, newest first', () => index.find({}, { limit: 20 })],
    ['list all, last used first', () => index.find({}, { limit: 20, sort: 'lastSeenAt' })],
    ['list by address', () => index.find({ ip: '192.0.2.1' }, { limit: 20 })],
    ['sweep', () => index.sweep(100)],
  ];
  const rows: Row[] = [];
  for (const [name, ask] of questions) {
    sent.length = 0;
    await ask();
    const { lsid, $db, maxTimeMS, readConcern, writeConcern, $clusterTime, txnNumber, ...command } = sent[0]!;
    const explained = await connection.db!.command({ explain: command, verbosity: 'executionStats' });
    const stats = explained['executionStats'] as { totalKeysExamined: number; totalDocsExamined: number };
    const { winningPlan } = explained['queryPlanner'] as { winningPlan: object };
    const names = JSON.stringify(winningPlan).matchAll(/"(?:indexName|stage)":"(\w+)"/g);
    const plan = [...new Set([...names].map(([, word]) => word!))].join(' ');
    rows.push([name, plan, stats.totalKeysExamined, stats.totalDocsExamined]);
  }
  return table(['plan', 'stages and indexes', 'keys', 'documents'], rows);
}

async function roomOf(connection: Connection): Promise<string> {
  // Sizes on disk are known once there is a checkpoint.
  await connection.getClient().db('admin').command({ fsync: 1 });
  const { count, avgObjSize, storageSize, indexSizes } = await connection.db!.command({
    collStats: 'gatehouse_sessions',
  });
  const sizes = Object.entries(indexSizes as Record<string, number>);
  const rows: Row[] = [
    ['a document, as BSON', Number(avgObjSize)],
    ['a document, on disk', Math.round(Number(storageSize) / Number(count))],
    ...sizes.map(([name, bytes]): Row => [`index ${name}`, Math.round(bytes / Number(count))]),
    ['indexes together', Math.round(sizes.reduce((sum, [, bytes]) => sum + bytes, 0) / Number(count))],
  ];
  return table([`bytes a session, of ${count}`, ''], rows);
}
