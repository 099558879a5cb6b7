import { readFileSync } from 'node:fs';

// Prints the package.json of an application that has what Nest needs, and the package's peers, in the versions developed against.
const { devDependencies, peerDependencies } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const names = [...Object.keys(peerDependencies), 'typescript', '@types/node'];
const dependencies = Object.fromEntries(names.map((name) => [name, devDependencies[name]]));

console.log(JSON.stringify({ name: 'application', private: true, type: 'module', dependencies }, null, 2));
