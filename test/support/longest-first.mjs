import Sequencer from '@jest/test-sequencer';

const LONGEST = [
  'server/interrupted-end',
  'mongoose/rollback',
  'server/auth-browser',
  'server/timeout-warning',
  'server/mongodb',
  'mongoose/auth-applications',
  'mongoose/session-applications',
  'server/stop',
  'auth/sign-in',
  'auth/endings',
  'sqlite/processes/full-disk',
  'server/command-line',
  'server/anonymous-sessions',
  'mongoose/replica-set',
  'server/readme',
  'server/home-page',
  'client/browser/timeout',
  'session/tokens',
  'sqlite/processes/file-place',
  'sqlite/processes/sqlite.file',
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
