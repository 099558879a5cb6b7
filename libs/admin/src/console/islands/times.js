// Relative times grow old on a page that stays open: they are said anew, in place.
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export function relativeTime(time, now = Date.now()) {
  const difference = new Date(time).getTime() - now;
  const [unit, length] = UNITS.find(([, milliseconds]) => Math.abs(difference) >= milliseconds) ?? [];
  if (unit === undefined) return difference < 0 ? 'just now' : 'within a minute';
  return relative.format(Math.round(difference / length), unit);
}

function sayAnew() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll('time[title]')) {
    const text = relativeTime(element.dateTime);
    if (element.textContent !== text) element.textContent = text;
  }
}

setInterval(sayAnew, 30_000);
document.addEventListener('visibilitychange', sayAnew);
