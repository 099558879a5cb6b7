import { readFileSync } from 'node:fs';

// Prints what an application can import, one entry point a line.
const { name, exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

for (const [entry, target] of Object.entries(exports)) {
  if (typeof target === 'object') console.log(name + entry.slice(1));
}
