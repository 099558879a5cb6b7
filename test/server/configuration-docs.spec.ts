import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { describeSetting, settings, type SettingName } from '../../src/config/settings.js';

const names = Object.keys(settings) as SettingName[];

function isLiteral(fallback: string): boolean {
  return !/[ `]/.test(fallback);
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}

function envExample(): string {
  const entries = names.map((name) => {
    const { description, fallback } = describeSetting(name);
    const words = isLiteral(fallback) ? '' : ` Default: ${plain(fallback)}.`;
    return `# ${plain(description)}${words}\n#${name}=${isLiteral(fallback) ? fallback : ''}\n`;
  });
  const head = [
    '# Every setting of the reference server, with its default. Copy this file to .env and uncomment what you change;',
    '# what is in the environment already wins. Durations read 500ms, 2s, 30m, 12h, 90d; sizes 65536 or 64kb.',
  ];
  return `${head.join('\n')}\n\n${entries.join('\n')}`;
}

function table(): string {
  const rows = names.map((name) => {
    const { description, fallback } = describeSetting(name);
    return `| \`${name}\` | ${isLiteral(fallback) ? `\`${fallback}\`` : fallback} | ${description.replaceAll('|', '\\|')} |`;
  });
  return ['| name | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

const TABLE = /(?<=<!-- settings -->\n)[^]*?(?=\n<!-- end of settings -->)/;

/** `UPDATE_DOCS=true npm test -- configuration-docs` writes them anew. */
async function requireContent(path: string, content: (found: string) => string): Promise<void> {
  const found = await readFile(path, 'utf8').catch(() => '');
  const expected = content(found);
  if (process.env.UPDATE_DOCS === 'true') await writeFile(path, expected);
  else expect(found).toBe(expected);
}

describe('the documentation of the settings', () => {
  it('is in .env.example', () => requireContent('.env.example', envExample));

  it('is in docs/configuration.md', async () => {
    await requireContent('docs/configuration.md', (found) => found.replace(TABLE, () => table()));
    expect(await readFile('docs/configuration.md', 'utf8')).toMatch(TABLE);
  });
});
