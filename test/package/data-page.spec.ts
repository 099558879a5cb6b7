import { AUTH_DEFAULTS } from 'nest-gatehouse/auth';
import { describe, expect, it } from '@jest/globals';
import { readText, sourceFiles } from './source-files.js';

const page = readText('docs/data.md');
const code = sourceFiles('libs', 'src').map((file) => readText(file));

function found(pattern: RegExp, texts: readonly string[] = code): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name!)))];
}

const missing = (names: readonly string[]) => names.filter((name) => !page.includes(`\`${name}\``));

describe('docs/data.md', () => {
  it('has every event of the audit trail', () => {
    const [union = ''] = /export type AuditType =[^;]+;/.exec(readText('libs/auth/src/storage/audit-log.ts')) ?? [];
    const types = found(/'([^']+)'/g, [union]);
    expect(types.length).toBeGreaterThan(15);
    const [, table = ''] = page.split(/<!-- (?:end of )?events -->/);
    const firstCells = found(/^\| (`[^|]+`) \|/gm, [table]);
    expect(firstCells.flatMap((cell) => found(/`([^`]+)`/g, [cell])).sort()).toEqual(types.sort());
  });

  it('has every context of the log', () => {
    const contexts = found(/new Logger\('([^']+)'\)/g);
    expect(contexts).toContain('Audit');
    expect(missing(contexts)).toEqual([]);
  });

  it('has every table and collection in which something is kept', () => {
    const tables = found(/CREATE TABLE (?:IF NOT EXISTS )?(\w+)/g);
    expect(tables).toEqual(expect.arrayContaining(['sessions', 'users', 'audit_log']));
    expect(missing(tables)).toEqual([]);
    const collections = found(/'Gatehouse\w+', (?:name: )?'(\w+)'/g).map((name) => `gatehouse_${name}`);
    expect(collections).toEqual(
      expect.arrayContaining(['gatehouse_sessions', 'gatehouse_users', 'gatehouse_audit_log']),
    );
    expect(missing(collections)).toEqual([]);
  });

  it('has the lifetimes that hold by default', () => {
    expect(AUTH_DEFAULTS.auditRetention).toBe('180d');
    expect(page).toContain('`auditRetention`, 180 days');
  });
});
