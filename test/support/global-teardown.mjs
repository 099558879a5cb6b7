import { endMongod } from './mongod/mongod-run.setup.mjs';

export default async function tearDown() {
  await endMongod();
}
