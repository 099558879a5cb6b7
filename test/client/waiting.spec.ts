import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DeadlineError, NetworkError, Session, SessmanError } from 'nest-gatehouse/client';

const STORED = { session_id: 's', user: 'ada', data: {}, expires_at: '2030-01-01T00:00:00.000Z', version: 1 };
const OK = () => Response.json(STORED);
const refused =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    new Response('', { status, headers });
const lost = () => {
  throw new TypeError('fetch failed');
};

/** The moments of the attempts, in milliseconds since the first. */
let moments: number[];
let begin: number;

// Time is fake: it goes on as far as the next timer, whenever nothing else happens.
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  moments = [];
  begin = performance.now();
});
afterEach(() => void jest.useRealTimers());

/** Answers the attempts in turn, the last one for ever, each after `latency`. */
function answers(...turns: (() => Response)[]): typeof fetch {
  return async () => {
    moments.push(Math.round(performance.now() - begin));
    return turns[Math.min(moments.length, turns.length) - 1]!();
  };
}

async function open(service: typeof fetch, more: object = {}): Promise<Session | SessmanError> {
  const options = { base_url: 'https://example.com', auth: 'gh_a_b', fetch: service, ...more };
  let result: Session | SessmanError | undefined;
  void Session.open('ada', 's', options).then(
    (session) => (result = session),
    (error: SessmanError) => (result = error),
  );
  while (!result) {
    await new Promise(setImmediate);
    if (!result) await jest.advanceTimersToNextTimerAsync();
  }
  return result;
}

const chance = (...values: number[]) => {
  const random = jest.spyOn(Math, 'random');
  for (const value of values) random.mockReturnValueOnce(value);
};

describe('Between two attempts the client', () => {
  it('waits for a random part of a window that doubles', async () => {
    chance(0.995, 0.5, 0, 0.25);
    expect(await open(answers(lost, lost, lost, lost, OK))).toBeInstanceOf(Session);
    expect(moments).toEqual([0, 199, 399, 399, 799]);
  });

  it('waits no longer than the widest window, however often it tries', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.99999);
    await open(answers(lost), { retries: 9, deadline: 600_000 });
    const waits = moments.slice(1).map((moment, at) => Math.round((moment - moments[at]!) / 100) * 100);
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000]);
  });

  it('waits for as many seconds as Retry-After says, and a random part on top', async () => {
    chance(0.5, 0.5);
    await open(answers(refused(429, { 'retry-after': '3' }), refused(503, { 'retry-after': '0' }), OK));
    expect(moments).toEqual([0, 3_100, 3_300]);
  });

  it('waits until the date of Retry-After, by the clock of the service', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const [date, after] = ['Thu, 01 Jan 2015 10:00:00 GMT', 'Thu, 01 Jan 2015 10:00:07 GMT'];
    await open(answers(refused(503, { 'retry-after': after, date }), OK));
    expect(moments).toEqual([0, 7_000]);
    const own = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 5_000).toUTCString();
    [moments, begin] = [[], performance.now()];
    await open(answers(refused(503, { 'retry-after': own }), OK));
    expect(moments[1]).toBeGreaterThanOrEqual(5_000);
    expect(moments[1]).toBeLessThan(6_001);
  });

  it.each(['soon', '', '-5', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
    'waits as usual after Retry-After: %j',
    async (value) => {
      chance(0.5);
      await open(answers(refused(503, { 'retry-after': value }), OK));
      expect(moments).toEqual([0, 100]);
    },
  );
});

describe('The deadline', () => {
  it('is never passed by waiting: the last refusal comes at once', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const result = await open(answers(refused(503, { 'retry-after': '31' })));
    expect(result).toMatchObject({ status: 503, retryAfter: 31 });
    expect(moments).toEqual([0]);
    expect(performance.now() - begin).toBeLessThan(100);
  });

  it('bounds all attempts together, and cuts the one that is under way', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const silent: typeof fetch = () => {
      moments.push(Math.round(performance.now() - begin));
      return new Promise(() => undefined);
    };
    const result = await open(silent);
    expect(result).toBeInstanceOf(DeadlineError);
    expect(result).toMatchObject({ code: 'deadline_exceeded' });
    expect(moments).toEqual([0, 10_000, 20_000]);
    expect(Math.round(performance.now() - begin)).toBe(30_000);
  });

  it('leaves the number of attempts to `retries` where there is time', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    expect(await open(answers(lost))).toBeInstanceOf(NetworkError);
    expect(moments).toHaveLength(5);
    moments = [];
    await open(answers(lost), { retries: 0 });
    expect(moments).toHaveLength(1);
  });

  it('may be as far away as one likes', async () => {
    expect(await open(answers(OK), { timeout: Infinity, deadline: Infinity })).toBeInstanceOf(Session);
  });

  it('leaves no timer behind', async () => {
    await open(answers(lost, OK));
    expect(jest.getTimerCount()).toBe(0);
  });
});
