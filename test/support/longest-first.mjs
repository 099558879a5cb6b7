import Sequencer from '@jest/test-sequencer';

const LONGEST = [
  'mongoose/rollback',
  'server/answers',
  'server/processes',
  'server/faults',
  'mongoose/session-applications',
  'mongoose/auth-applications',
  'server/browser',
  'server/console',
  'server/commands',
  'server/full-disk',
  'mongoose/stores',
  'auth/sign-in',
  'auth/pages',
  'session/data',
  'admin/admin',
  'mongoose/replica-set',
  'server/readme',
  'server/hits',
  'session/tokens',
  'sqlite/processes/files',
  'sqlite/stores',
  'sessman/programs',
  'client/client',
  'sqlite/processes/sessman',
  'package/package',
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
