import { buildServer } from './build.setup.mjs';
import { bundleProcesses } from './bundles.setup.mjs';
import prepareMemoryDisk from './memory-disk.setup.mjs';
import { prepareMongod } from './mongod/mongod-run.setup.mjs';

export default async function setUp() {
  prepareMemoryDisk();
  await prepareMongod();
  buildServer();
  await bundleProcesses();
}
