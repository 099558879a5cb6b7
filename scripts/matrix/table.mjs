const COLUMNS = ['Nest', 'platform', 'Node', 'storage', 'builds', 'starts, two requests', 'its tests and ours'];

/** One line for each application, as a table of Markdown. */
export function printTable(rows) {
  const lines = rows.map(({ nest, platform, node, storage, results: { builds, starts, tests } }) =>
    [nest, platform, node, storage, builds, starts, tests].map((cell) => cell ?? '-'),
  );
  const widths = COLUMNS.map((name, n) => Math.max(name.length, ...lines.map((line) => line[n].length)));
  const print = (cells) => console.log(`| ${cells.map((cell, n) => cell.padEnd(widths[n])).join(' | ')} |`);
  print(COLUMNS);
  print(widths.map((width) => '-'.repeat(width)));
  lines.forEach(print);
}
