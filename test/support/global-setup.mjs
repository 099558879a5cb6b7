import { buildServer } from './build.setup.mjs';
import { prepareMongod } from './mongod-run.setup.mjs';

export default async function setUp() {
  await prepareMongod();
  buildServer();
}
