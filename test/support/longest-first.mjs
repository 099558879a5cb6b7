import Sequencer from '@jest/test-sequencer';

const LONGEST = [];

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
