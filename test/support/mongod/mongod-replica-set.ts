import { setTimeout as pause } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { freePort } from '../free-port.js';
import { Mongod } from './mongod.js';

const NAME = 'gatehouse';
const ELECTION_DEADLINE = 60_000;

/** Three servers of ours, with MongoDB's own election settings. */
export class MongodReplicaSet {
  private constructor(readonly members: readonly Mongod[]) {}

  static async start(): Promise<MongodReplicaSet> {
    const ports = [await freePort(), await freePort(), await freePort()];
    const parameters = ['--replSet', NAME, '--oplogSize', '64'];
    const members = await Promise.all(ports.map((port) => Mongod.start({ port, parameters })));
    const set = new MongodReplicaSet(members);
    const config = { _id: NAME, members: ports.map((port, _id) => ({ _id, host: `127.0.0.1:${port}` })) };
    await commandOn(members[0]!, { replSetInitiate: config });
    await set.primary();
    return set;
  }

  get uri(): string {
    return `mongodb://${this.members.map(({ port }) => `127.0.0.1:${port}`).join(',')}/?replicaSet=${NAME}`;
  }

  /** Waits for an election if there is none. */
  async primary(): Promise<Mongod> {
    const last = Date.now() + ELECTION_DEADLINE;
    for (;;) {
      for (const member of this.members) {
        const hello = await commandOn(member, { hello: 1 }).catch(() => null);
        if (hello?.['isWritablePrimary']) return member;
      }
      if (Date.now() > last) throw new Error('The replica set has no primary.');
      await pause(100);
    }
  }

  /** The primary gives up its place, and another one takes it. */
  async stepDown(): Promise<void> {
    await commandOn(await this.primary(), { replSetStepDown: 30, secondaryCatchUpPeriodSecs: 10 });
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
  }
}

async function commandOn(member: Mongod, command: mongo.Document): Promise<mongo.Document> {
  const client = new mongo.MongoClient(member.uri, { serverSelectionTimeoutMS: 1_000 });
  try {
    return await client.db('admin').command(command);
  } finally {
    await client.close();
  }
}
