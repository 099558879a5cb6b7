/** A line that is typed into a shell, and what comes of it. */
export interface Step {
  readonly command: string;
  readonly answer: string;
}

/** The steps of a `console` block: lines that begin with `$` are typed, the others are the answer. */
export function stepsOf(block: string): Step[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command, ...answer] = text.trimEnd().split('\n');
      return { command: command!, answer: answer.join('\n') };
    });
}

/** The written answer as a pattern: `…` is anything within a line. */
export function patternOf(answer: string): RegExp {
  const parts = answer.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`);
}
