// The exact number of sessions that match: counted after the rows are shown.
import { html, render } from './lit-html.js';

const place = document.querySelector('[data-total]');
if (place) void count();

async function count() {
  const link = place.querySelector('a');
  if (!link) return;
  const answer = await fetch(place.dataset.total, { headers: { Accept: 'application/json' } }).catch(() => null);
  // Otherwise the link stays, which counts too.
  if (!answer?.ok) return;
  const { total, totalAt } = await answer.json();
  place.replaceChildren();
  render(
    html`<b>${new Intl.NumberFormat('en').format(total)}</b> match, counted at
      <time datetime=${totalAt}>${totalAt.slice(11, 19)}</time> UTC`,
    place,
  );
}
