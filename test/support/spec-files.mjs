import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Options of Jest whose value could be taken for the name of a spec. */
const WITH_VALUE = ['--selectProjects', '--testNamePattern', '-t'];

/**
 * What a Jest project runs. Jest loads Nest and all else again for each of its files, which takes more than a second of CPU; so a
 * `*.world.ts` imports specs that need the same libraries, and they run as one file. A spec in no world runs alone. Who names specs on
 * the command line runs just these.
 *
 * @param {readonly string[]} rooms folders of `test/`
 * @param {{ except?: readonly string[], named?: readonly string[] }} options
 */
export function specFiles(rooms, { except = [], named = process.argv.slice(2) } = {}) {
  const found = rooms.flatMap((room) => filesIn(join(root, 'test', room)));
  const files = found.filter((file) => !except.some((room) => file.startsWith(join(root, 'test', room))));
  const specs = files.filter((file) => file.endsWith('.spec.ts'));
  const words = named.filter((word, at) => !word.startsWith('-') && !WITH_VALUE.includes(named[at - 1]));
  if (words.some((word) => specs.some((spec) => relative(root, spec).includes(word)))) return specs;
  const worlds = files.filter((file) => file.endsWith('.world.ts'));
  const gathered = new Set(worlds.flatMap(specsOf));
  return [...worlds, ...specs.filter((spec) => !gathered.has(spec))];
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
}

function specsOf(world) {
  const imports = readFileSync(world, 'utf8').matchAll(/^import '(.+)\.js';$/gm);
  return [...imports].map(([, path]) => join(dirname(world), `${path}.ts`));
}
