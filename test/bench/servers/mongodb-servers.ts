import type { INestApplication } from '@nestjs/common';
import expressSession from 'express-session';
import { SessionModule, type SessionModuleOptions } from 'nest-gatehouse/session';
import type { BenchServer } from './bench-server.js';

/** How a server of the benchmark learns where MongoDB is. */
export const MONGODB_URI = 'BENCH_MONGODB_URI';

const SECRET = 'a secret of the benchmark, 32 bytes and more';
const TOUCH_INTERVAL_IN_SECONDS = 60;

/** The same mongod for all, each in a database of its own, with the write concern that the driver has by itself. */
export function mongodbServers(options: SessionModuleOptions): readonly BenchServer[] {
  const ours = (platform: BenchServer['platform'], against: string): BenchServer => ({
    id: `${platform}-mongodb`,
    label: 'Gatehouse, MongoDB',
    platform,
    storage: 'mongodb',
    against,
    imports: async () => {
      const { MongooseModule } = await import('@nestjs/mongoose');
      const { MongooseStorageModule } = await import('nest-gatehouse/mongoose');
      return [
        MongooseModule.forRoot(process.env[MONGODB_URI]!, { dbName: `bench_${platform}` }),
        MongooseStorageModule.forRoot({ operationDeadline: '30s' }),
        SessionModule.forRoot(options),
      ];
    },
  });
  const connectMongo = (id: string, label: string, touchAfter: number): BenchServer => ({
    id,
    label,
    platform: 'express',
    storage: 'mongodb',
    prepare: async (app: INestApplication) => {
      const { MongoStore } = await import('connect-mongo');
      const store = MongoStore.create({ mongoUrl: process.env[MONGODB_URI]!, dbName: `bench_${id}`, touchAfter });
      app.use(expressSession({ secret: SECRET, resave: false, saveUninitialized: false, store }));
    },
  });
  return [
    ours('fastify', 'connect-mongo-lazy'),
    ours('express', 'connect-mongo-lazy'),
    connectMongo('connect-mongo', 'express-session + connect-mongo, as it comes', 0),
    connectMongo('connect-mongo-lazy', 'express-session + connect-mongo, touchAfter 1 min', TOUCH_INTERVAL_IN_SECONDS),
  ];
}
