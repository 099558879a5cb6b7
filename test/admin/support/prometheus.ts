/** The samples of a scrape: `name{label="value"}` and its number. */
export function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** The names of all series, without those of Node and the process. */
export function ownNamesOf(text: string): string[] {
  return [...samplesOf(text).keys()].filter((name) => name.startsWith('gatehouse_')).sort();
}
