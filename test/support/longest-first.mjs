import Sequencer from '@jest/test-sequencer';

const LONGEST = [
  'mongoose/rollback',
  'server/answers',
  'mongoose/session-applications',
  'mongoose/auth-applications',
  'server/browser',
  'server/processes',
  'sqlite/processes/files',
  'server/readme',
  'server/hits',
  'client/browser/browser',
  'server/interrupted-end',
  'server/anonymous-sessions',
  'mongoose/replica-set',
  'mongoose/stores',
  'server/last-resort',
  'auth/pages',
  'auth/endings',
  'auth/sign-in',
  'session/data',
  'sqlite/stores',
  'session/tokens',
  'server/full-disk',
  'sqlite/processes/full-disk',
  'server/stop',
  'server/commands',
  'server/mongodb',
  'mongoose/outages',
  'client/faults',
  'session/answers',
  'sessman/programs',
  'admin/administration',
  'server/kill',
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
