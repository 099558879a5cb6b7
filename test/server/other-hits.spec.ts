import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';

const SCRIPT = 'test/server/support/other-hits.mjs';
const CASES = (['buffered', 'strict'] as const).flatMap((mode) =>
  (['inject', 'http2'] as const).map((transport) => [mode, transport] as const),
);

describe('Requests that do not come by HTTP/1', () => {
  let seen: Record<string, Record<string, readonly string[]>>;

  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT]);
    seen = JSON.parse(stdout) as typeof seen;
  }, 60_000);

  it.each(CASES)('are counted once each, with route and status (%s, %s)', (mode, transport) => {
    expect(seen[mode]![transport]).toEqual(['GET (unmatched) {"4xx":1}', 'GET /things/:id {"2xx":2,"5xx":1}']);
  });
});
