import Sequencer from '@jest/test-sequencer';

const LONGEST = [
  'mongoose/auth-applications',
  'mongoose/rollback',
  'server/answers',
  'mongoose/session-applications',
  'server/readme',
  'server/interrupted-end',
  'server/anonymous-sessions',
  'server/auth-browser',
  'server/stop',
  'server/last-resort',
  'auth/endings',
  'auth/sign-in',
  'client/browser/timeout',
  'server/timeout-warning',
  'session/tokens',
  'mongoose/stores',
  'mongoose/replica-set',
  'sqlite/processes/files',
  'server/full-disk',
  'sqlite/processes/full-disk',
  'server/commands',
  'server/mongodb',
  'server/kill',
  'session/answers',
];

/** The longest files first, so that all workers end together. Jest itself knows only after a first run. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = LONGEST.findIndex((name) => path.includes(`/test/${name}.`));
      return at < 0 ? LONGEST.length : at;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}
