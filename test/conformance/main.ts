import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { verdictsOn } from './contract-cases.js';
import { harnessOf, OTHER_STORES, versionOf } from './other-stores.js';
import { OWN_STORES } from './own-stores.js';
import { conformancePage, type Column } from './page.js';
import { withServers } from './servers.js';

const PAGE = 'docs/conformance.md';
const USAGE = 'npm run conformance -- [--only <store>,...] [--write]';

const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean', default: false } } });
const only = values.only?.split(',');
const isWanted = (name: string) => !only || only.includes(name);
const known = [...OTHER_STORES.map(({ name }) => name), ...Object.keys(OWN_STORES)];
for (const name of only ?? [])
  if (!known.includes(name)) throw new TypeError(`${USAGE}\n${name} is none of ${known.join(', ')}.`);
if (only && values.write) throw new TypeError(`${USAGE}\n--write makes the whole page, so it needs all stores.`);

await withServers(async (servers) => {
  const columns: Column[] = [];
  for (const other of OTHER_STORES.filter(({ name }) => isWanted(name))) {
    const verdicts = await verdictsOn({ open: () => harnessOf(other, servers) });
    columns.push({ name: other.name, version: `${other.packageName} ${versionOf(other.packageName)}`, verdicts });
    console.error(`${other.name}: looked at`);
  }
  for (const [name, open] of Object.entries(OWN_STORES).filter(([name]) => isWanted(name))) {
    columns.push({ name, version: null, verdicts: await verdictsOn({ open: () => open(servers) }) });
    console.error(`${name}: looked at`);
  }
  const page = await conformancePage(columns);
  if (values.write) await writeFile(PAGE, page);
  else console.log(page);
  const ours = columns.filter(({ version }) => version === null);
  if (ours.some(({ verdicts }) => verdicts.some(({ outcome }) => outcome !== 'kept'))) process.exitCode = 1;
});
