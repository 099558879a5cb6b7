import type { Call } from './history.js';
import type { ReferenceModel, State, Step } from './reference-model.js';

interface Planned {
  readonly call: Call;
  readonly steps: readonly Step[];
}

/**
 * Looks for an order of the calls, one after another, in which the model gives the same answers. A call that was
 * answered before another began comes before it.
 * @returns the most calls that such an order explains; all of them if the history is right
 */
export function explain(model: ReferenceModel, beginning: State, calls: readonly Call[]): readonly Call[] {
  const planned = calls.map((call) => ({ call, steps: model.stepsOf(call.asked, call.request) }));
  const tried = new Set<string>();
  let best: readonly Call[] = [];

  const search = (state: State, done: readonly number[], order: readonly Call[]): boolean => {
    if (order.length > best.length) best = order;
    const open = planned.filter(({ steps }, at) => done[at]! < steps.length);
    if (open.length === 0) return true;
    const key = `${done.join()} ${JSON.stringify(state)}`;
    if (tried.has(key)) return false;
    tried.add(key);
    const first = Math.min(...open.map(({ call }) => call.answered));
    return open.some((each) => {
      if (each.call.begun > first) return false;
      const at = planned.indexOf(each);
      const next = each.steps[done[at]!]!(state);
      if (!next) return false;
      const isLast = done[at]! + 1 === each.steps.length;
      return search(next, advanced(done, at), isLast ? [...order, each.call] : order);
    });
  };

  const none = planned.map(() => 0);
  const whole = search(beginning, none, emptyOf(planned));
  return whole ? calls : best;
}

function advanced(done: readonly number[], at: number): number[] {
  return done.map((count, index) => (index === at ? count + 1 : count));
}

/** Calls without a step are explained from the beginning. */
function emptyOf(planned: readonly Planned[]): readonly Call[] {
  return planned.filter(({ steps }) => steps.length === 0).map(({ call }) => call);
}
