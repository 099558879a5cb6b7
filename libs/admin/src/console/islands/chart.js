// Draws what a table says: people and bots as bars on each other, unique sessions as a line.
import uPlot from './uplot.js';

const HEIGHT = 280;
const [HOUR, DAY] = [3_600, 86_400];
const place = document.querySelector('[data-chart]');
const table = document.getElementById(place.dataset.chart);
const rows = [...table.tBodies[0].rows];
const at = rows.map((row) => Number(row.dataset.at));
const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent).slice(2);
const [people = [], bots = [], uniques] = names.map((_, column) =>
  rows.map((row) => Number(row.querySelectorAll('[data-value]')[column].dataset.value)),
);
const stacked = people.map((number, n) => number + bots[n]);
/** Half a bar's place, so that the first and last are whole. */
const half = at.length > 1 ? (at[1] - at[0]) / 2 : 1_800;
const step = at.length > 1 ? at[1] - at[0] : HOUR;
const steps = step < DAY ? [1, 2, 3, 6, 12, 24].map((n) => n * HOUR) : [1, 2, 7, 14, 30].map((n) => n * DAY);
const bars = uPlot.paths.bars({ size: [0.7, 48] });

let chart = null;

/** As the table writes it: the hour, and the day where one begins. */
function nameOf(seconds) {
  const iso = new Date(seconds * 1_000).toISOString();
  return seconds % DAY === 0 ? iso.slice(5, 10) : iso.slice(11, 16);
}

function draw() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: colour('muted'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false } };
  const line = { label: names[2], stroke: colour('ink'), width: 2, points: { show: false } };
  chart?.destroy();
  place.hidden = false;
  chart = new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      scales: {
        x: { time: true, range: (_, min, max) => [min - half, max + half] },
        y: { range: (_, __, max) => [0, Math.max(max * 1.1, 1)] },
      },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'UTC'),
      axes: [
        { ...axis, incrs: steps, values: (_, splits) => splits.map(nameOf) },
        { ...axis, size: 64 },
      ],
      series: [
        { label: 'UTC', value: (_, __, ___, n) => rows[n]?.cells[0].textContent ?? '—' },
        // Drawn first, behind the people: what sticks out are the bots.
        {
          label: names[1],
          fill: colour('glow'),
          stroke: colour('glow'),
          paths: bars,
          value: (_, __, ___, n) => bots[n] ?? '—',
          points: { show: false },
        },
        { label: names[0], fill: colour('accent'), stroke: colour('accent'), paths: bars, points: { show: false } },
        ...(uniques ? [line] : []),
      ],
    },
    [at, stacked, people, ...(uniques ? [uniques] : [])],
    place,
  );
}

draw();
table.closest('details').open = false;
new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
