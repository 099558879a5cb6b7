import { spawnSync } from 'node:child_process';

// Loads an entry point as the application would, and fails unless it exports something. Those of a platform have types alone.
const [application, entry] = process.argv.slice(2);
const code = `
  const names = Object.keys(await import(${JSON.stringify(entry)}));
  console.log(names.length + ' exports');
  if (names.length === 0 && !${/\/(express|fastify)$/.test(entry)}) process.exit(1);`;

const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
  cwd: application,
  stdio: 'inherit',
});
process.exit(status ?? 1);
