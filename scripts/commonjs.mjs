// Writes beside each compiled module of dist/ the same one for CommonJS: `x.js` becomes `x.cjs`, and `x.d.ts` becomes `x.d.cts`. Part of `npm run build`.
//
// Node itself never loads them, since its condition `module-sync` comes first in the `exports` of package.json: they are for tools that cannot `require` an ES
// module, of which Jest is the one that matters. See docs/decisions.md.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
/** What the entry points of package.json lead to; the command and the reference server are ES modules only. */
const FOLDERS = ['libs', 'test/contracts'];

/** Of compiled modules, whose types lie beside them; scripts of pages have none. */
function compiledModules() {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(DIST, folder), { recursive: true })
      .filter((name) => name.endsWith('.js'))
      .map((name) => join(DIST, folder, name))
      .filter((file) => existsSync(typesOf(file))),
  );
}

const typesOf = (file) => file.replace(/\.js$/, '.d.ts');

/** Relative paths name the file as it is called here. */
const pathsInCode = (code) => code.replace(/\brequire\("(\.{1,2}\/[^"]+)\.js"\)/g, 'require("$1.cjs")');
const pathsInTypes = (types) => types.replace(/\b(from |import ?\(?)(['"])(\.{1,2}\/[^'"]+)\.js\2/g, '$1$2$3.cjs$2');

export async function writeCommonJs() {
  const modules = compiledModules();
  const { outputFiles } = await build({
    entryPoints: modules,
    outdir: DIST,
    outbase: DIST,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    // Jest has no `import()` in CommonJS.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'importMetaUrl' },
    write: false,
    logLevel: 'error',
  });
  for (const { path, text } of outputFiles) writeFileSync(path, pathsInCode(withUrl(text)));
  for (const file of modules) {
    const types = typesOf(file);
    writeFileSync(types.replace(/\.ts$/, '.cts'), pathsInTypes(readFileSync(types, 'utf8')));
  }
}

function withUrl(code) {
  if (!code.includes('importMetaUrl')) return code;
  return code.replace(
    '"use strict";',
    '"use strict";\nconst importMetaUrl = require("node:url").pathToFileURL(__filename).href;',
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeCommonJs();
