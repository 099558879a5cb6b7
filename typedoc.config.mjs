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
  // Types of arguments and results that nobody names are not exported, so that applications find what is for them.
  validation: { invalidLink: true, invalidPath: true, rewrittenLink: true, notExported: false, notDocumented: false },
};
