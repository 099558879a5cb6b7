import { readFileSync } from 'node:fs';
import { Converter } from 'typedoc';

// `npm run docs`: the reference of all that the package exports, in dist/api.
const { name, exports } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
const entries = Object.entries(exports)
  .filter(([, entry]) => typeof entry === 'object')
  .map(([entry, places]) => ({ name: entry.replace('.', name), source: sourceAmong(Object.values(places)) }));

function sourceAmong(places) {
  return places.find((place) => /(?<!\.d)\.ts$/.test(place)).replace(/^\.\//, '');
}

/** Types of arguments and results that nobody names: what is exported is for applications to find. */
const unnamed = [
  'AuditCounter',
  'authOptions',
  'BearingRequest',
  'Callback',
  'DeleteUser',
  'DurableWithinDeadline',
  'EndAllOptions',
  'EndedBy',
  'ErrorClass',
  'Handler',
  'MemoryStorageAsyncOptions',
  'Need',
  'Operation',
  'Origin',
  'PlatformRequest',
  'Reader',
  'Relay',
  'ResolvedCookieOptions',
  'ReturningCookies',
  'Runner',
  'SessionBearer',
  'SessionListOf',
  'SessionViews',
  'SqliteStatement',
  'Values',
  'WARNINGS',
  'WithinDeadline',
  // The type, which is exported as one with the decorator of its name.
  'libs/session/src/session.types.ts:Session',
];

/** Names each entry point as it is imported, and not by its path. */
function nameEntries(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children) {
      const file = module.sources[0].fullFileName.replaceAll('\\', '/');
      module.name = entries.find(({ source }) => file.endsWith(`/${source}`)).name;
    }
  });
}

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'Gatehouse',
  entryPoints: entries.map(({ source }) => source),
  plugin: [nameEntries],
  tsconfig: 'tsconfig.docs.json',
  out: 'dist/api',
  readme: 'README.md',
  logLevel: 'Warn',
  treatWarningsAsErrors: true,
  // The step `Types` has looked for them.
  skipErrorChecking: true,
  excludePrivate: true,
  excludeInternal: true,
  // A constructor without a word is Nest's to call.
  excludeNotDocumented: true,
  excludeNotDocumentedKinds: ['Constructor', 'ConstructorSignature'],
  intentionallyNotExported: unnamed,
};
