import { describe, expect, it } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import JSON5 from 'json5';
import { readText, ROOT } from '../source-files.js';
import { defaultOf, fieldsOf, meaningOf, rowOf, type OptionField } from './option-fields.js';

const PAGE = 'docs/options.md';

interface Section {
  readonly title: string;
  /** The file and the interface. */
  readonly options: readonly [file: string, name: string];
  /** What `forRootAsync` takes beside `useFactory`. */
  readonly setup?: readonly (readonly [file: string, name: string])[];
  /** Interfaces that options are made of, by their file. */
  readonly parts?: Readonly<Record<string, string>>;
  /** What the options file makes of them at start. */
  readonly resolver?: string;
  readonly given?: object;
}

const SESSION = 'libs/session/src/session.options.ts';
const AUTH = 'libs/auth/src/auth.options.ts';
const SECTIONS: readonly Section[] = [
  {
    title: 'SessionModule',
    options: [SESSION, 'SessionModuleOptions'],
    parts: {
      CookieOptions: 'libs/session/src/cookie.options.ts',
      DataSchemaOptions: 'libs/session/src/data/data-schema.ts',
    },
    resolver: 'resolveSessionOptions',
  },
  {
    title: 'AuthModule',
    options: [AUTH, 'AuthModuleOptions'],
    setup: [
      ['libs/auth/src/auth.tokens.ts', 'AuthModuleExtras'],
      ['libs/auth/src/auth.module.ts', 'AuthModuleSetup'],
    ],
    parts: { Pepper: AUTH, RememberOptions: AUTH, PasswordPolicyOptions: AUTH, AuthPaths: AUTH },
    resolver: 'resolveAuthOptions',
  },
  {
    title: 'MemoryStorageModule',
    options: ['libs/session/src/memory/memory.options.ts', 'MemoryStorageOptions'],
    resolver: 'resolveMemoryStorageOptions',
  },
  {
    title: 'SqliteStorageModule',
    options: ['libs/sqlite/src/sqlite.options.ts', 'SqliteStorageOptions'],
    resolver: 'resolveSqliteStorageOptions',
    given: { file: 'data/gatehouse.db' },
  },
  {
    title: 'MongooseStorageModule',
    options: ['libs/mongoose/src/mongoose.options.ts', 'MongooseStorageOptions'],
    setup: [['libs/mongoose/src/mongoose-storage.module.ts', 'MongooseStorageModuleOptions']],
    resolver: 'resolveMongooseStorageOptions',
  },
  {
    title: 'HitsModule',
    options: ['libs/hits/src/hits.options.ts', 'HitsModuleOptions'],
    resolver: 'resolveHitsOptions',
  },
  {
    title: 'SessmanModule',
    options: ['libs/sessman/src/sessman.options.ts', 'SessmanModuleOptions'],
    setup: [
      ['libs/sessman/src/sessman.module.ts', 'SessmanModuleSetup'],
      ['libs/sessman/src/api-keys.module.ts', 'ApiKeysModuleOptions'],
    ],
    resolver: 'resolveSessmanOptions',
  },
  {
    title: 'ApiKeysModule',
    options: ['libs/sessman/src/api-keys.module.ts', 'ApiKeysModuleOptions'],
  },
  {
    title: 'AdminModule',
    options: ['libs/admin/src/admin.options.ts', 'AdminModuleOptions'],
    setup: [['libs/admin/src/admin.module.ts', 'AdminModuleSetup']],
    resolver: 'resolveAdminOptions',
  },
  {
    title: 'Session of nest-gatehouse/client',
    options: ['libs/client/src/client.options.ts', 'SessionOptions'],
  },
];

describe('docs/options.md', () => {
  /** `UPDATE_DOCS=true npm test -- package/docs/options` writes it anew. */
  it('has every option of every module, from the docstrings', () => {
    const found = existsSync(join(ROOT, PAGE)) ? readText(PAGE) : '';
    const [head = ''] = found.split('<!-- options -->');
    const expected = `${head}<!-- options -->\n\n${SECTIONS.map(textOf).join('\n')}`;
    if (process.env.UPDATE_DOCS === 'true') writeFileSync(join(ROOT, PAGE), expected);
    else expect(found).toBe(expected);
  });

  it.each(SECTIONS.filter(({ resolver }) => resolver))(
    'names the defaults that $title has',
    async ({ options: [file, name], parts, resolver, given = {} }) => {
      const { [resolver!]: resolve } = (await import(pathToFileURL(join(ROOT, file)).href)) as {
        [name: string]: (options: object) => object;
      };
      const fields = fieldsOf(file, name, parts);
      const written = defaultsOf(fields);
      expect(Object.keys(written).length).toBeGreaterThan(0);
      expect(resolve!({ ...given, ...written })).toEqual(resolve!(given));
    },
  );

  it('leaves no option without a word', () => {
    const mute = SECTIONS.flatMap((section) => [...fieldsIn(section), ...setupOf(section)]).filter(
      (field) => meaningOf(field) === '',
    );
    expect(mute.map(({ name }) => name)).toEqual([]);
  });
});

function fieldsIn({ options: [file, name], parts }: Section): OptionField[] {
  return fieldsOf(file, name, parts);
}

/** Where two interfaces have an option, the first one tells what it is. */
function setupOf({ setup = [], parts }: Section): OptionField[] {
  const fields = setup.flatMap(([file, name]) => fieldsOf(file, name, parts));
  return [...new Map(fields.map((field) => [field.name, { ...field, isRequired: false }])).values()];
}

function textOf(section: Section): string {
  const head = '| option | type | default | meaning |\n|---|---|---|---|';
  const rows = fieldsIn(section).map(rowOf);
  const beside = setupOf(section).map(rowOf);
  const more =
    beside.length > 0 ? `\nBeside \`useFactory\` in \`forRootAsync\`:\n\n${head}\n${beside.join('\n')}\n` : '';
  return `## ${section.title}\n\n${head}\n${rows.join('\n')}\n${more}`;
}

/** All documented defaults that are values, as an application would write them. */
function defaultsOf(fields: readonly OptionField[]): object {
  const absent = fields.filter(({ text }) => text.includes('Default none')).map(({ name }) => name);
  const written: Record<string, unknown> = {};
  for (const field of fields) {
    const literal = defaultOf(field);
    if (
      literal === undefined ||
      absent.some((name) => /^[.[]/.test(field.name.slice(name.length)) && field.name.startsWith(name))
    )
      continue;
    const path = field.name.split('.');
    const last = path.pop()!;
    let place = written;
    for (const part of path) place = (place[part] ??= {}) as Record<string, unknown>;
    place[last] = JSON5.parse(literal);
  }
  return written;
}
