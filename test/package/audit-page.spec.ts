import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { AUDIT_POLICIES } from 'nest-gatehouse/auth/http';

const PAGE = readFileSync('docs/auth.md', 'utf8');

/** Of the inventory: the types that a row names, and its two caps. */
function rows(): [string, string, string][] {
  const table = /\| type \|[^]*?\n\n/.exec(PAGE)![0].split('\n').slice(2);
  return table.flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const types = [...(cells[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, type]) => type!);
    return types.map((type): [string, string, string] => [type, cells[4]!, cells[5]!]);
  });
}

function cap(most: number): string {
  return most === 0 || most === Infinity ? '' : String(most);
}

describe('The inventory of the audit trail in docs/auth.md', () => {
  it('names every type with the caps that it has', () => {
    const expected = Object.entries(AUDIT_POLICIES).map(([type, policy]) =>
      policy === null ? [type, 'all', 'all'] : [type, cap(policy.perUser), cap(policy.perNetwork)],
    );
    expect(rows().sort()).toEqual(expected.sort());
  });
});
