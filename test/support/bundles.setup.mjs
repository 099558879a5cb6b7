import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What suites start again and again as processes of their own, by the name of its bundle. */
const PROCESSES = {
  server: 'dist/src/main.js',
  'hosted-server': 'test/support/servers/hosted-server.mjs',
  'command-line': 'dist/src/cli/main.js',
  'command-host': 'test/support/servers/command-host.mjs',
  'failing-store': 'test/support/servers/failing-store.mjs',
  'killed-end': 'test/support/servers/killed-end.mjs',
  'slow-store': 'test/support/servers/slow-store.mjs',
  'unforeseen-fault': 'test/support/servers/unforeseen-fault.mjs',
  child: 'test/sqlite/support/child.mjs',
  'store-commands': 'test/sqlite/support/store-commands.mjs',
  'called-contracts': 'test/sqlite/support/called-contracts.mjs',
};

/**
 * Before all suites: makes `dist/bundles/` of the build. Of the time that such a process takes to start, two thirds are for finding and
 * reading a thousand files, which are a few here.
 */
export async function bundleProcesses() {
  rmSync(`${root}/dist/bundles`, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: PROCESSES,
    outdir: 'dist/bundles',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Nest tells classes by their names.
    keepNames: true,
    // Packages in CommonJS call it.
    banner: {
      js: "import { createRequire as requireFor } from 'node:module';\nconst require = requireFor(import.meta.url);",
    },
    // What is native, what changes its own module, and what must be there before anything else.
    external: ['@photostructure/sqlite', 'bcrypt', 'mongoose', 'reflect-metadata'],
    logLevel: 'warning',
    plugins: [atItsPlace, onlyWhatIsThere],
  });
}

/** Each file of ours finds its templates where it was. */
const atItsPlace = {
  name: 'at its place',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/dist\/.*\.js$/ }, ({ path }) => {
      if (path.includes('/node_modules/')) return undefined;
      const url = JSON.stringify(pathToFileURL(path).href);
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', url), loader: 'js' };
    }),
};

/** Packages that others would use if they were installed stay imports. */
const onlyWhatIsThere = {
  name: 'only what is there',
  setup: ({ onResolve, resolve }) =>
    onResolve({ filter: /^[@\w]/ }, async ({ path, pluginData, ...place }) => {
      if (pluginData === onlyWhatIsThere || place.kind === 'entry-point') return undefined;
      const found = await resolve(path, { ...place, pluginData: onlyWhatIsThere });
      return found.errors.length > 0 ? { path, external: true } : found;
    }),
};
