import { endMongod } from './mongod-run.setup.mjs';

export default async function tearDown() {
  await endMongod();
}
