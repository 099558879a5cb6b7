import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

type Seen = readonly [path: string, status: number, text: string, cookies: readonly string[], late: string | null];
type Mood = 'at once' | 'later' | 'fails';
type Transport = 'inject' | 'http2';

const SCRIPT = 'test/server/support/other-answers.mjs';
const CASES = (['inject', 'http2'] as const).flatMap((transport) =>
  (['at once', 'later'] as const).map((mood) => [transport, mood] as const),
);

describe('answers that do not leave by HTTP/1', () => {
  let seen: Record<Mood, Record<Transport, readonly Seen[]>>;

  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT]);
    seen = JSON.parse(stdout) as typeof seen;
  }, 60_000);

  it.each(CASES)('keep their session, order, status and headers (%s, stored %s)', (transport, mood) => {
    expect(seen[mood][transport]).toEqual([
      ['/put', 200, 'put', ['sid'], null],
      ['/pump', 200, '12345678', [], null],
      ['/late', 200, 'early', [], null],
      ['/head', 201, 'by hand', ['a'], null],
      ['/show', 200, '{"n":4}', [], null],
    ]);
  });

  it.each(['inject', 'http2'] as const)(
    'are replaced as a whole where the session cannot be stored (%s)',
    (transport) => {
      const [show, ...refused] = seen.fails[transport].toReversed();
      expect(show).toEqual(['/show', 200, '{}', [], null]);
      for (const [path, status, text, cookies] of refused)
        expect([path, status, cookies, text.includes('"code":"store_unavailable"')]).toEqual([path, 503, [], true]);
    },
  );
});
