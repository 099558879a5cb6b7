import { buildServer } from './build.setup.mjs';
import { prepareMongod } from './mongod/mongod-run.setup.mjs';

export default async function setUp() {
  await prepareMongod();
  buildServer();
}
