// The overview: its figures change in place, every two seconds, while somebody looks.
import { html, nothing, render } from './lit-html.js';

const RETRY = 5_000;
const numbers = new Intl.NumberFormat('en');
const clock = document.querySelector('[data-clock]');
const reasons = document.querySelector('[data-reasons]');
const state = { at: null, isPaused: false, isLost: false };
let stream = null;
let retry = null;

// What the server has written gives way to what is kept up to date.
clock.replaceChildren();
let isFirst = true;
show();
follow();
document.addEventListener('visibilitychange', follow);

/** Listens if somebody looks and has not paused, else does not. */
function follow() {
  const isWanted = !document.hidden && !state.isPaused;
  if (isWanted && !stream) start();
  if (!isWanted) stop();
}

function start() {
  stream = new EventSource(clock.dataset.clock);
  stream.onmessage = ({ data }) => update(JSON.parse(data));
  stream.onerror = () => {
    state.isLost = true;
    show();
    // The browser tries again by itself, unless the server has answered with something else, as while it starts.
    if (stream?.readyState !== EventSource.CLOSED) return;
    stop();
    retry = setTimeout(follow, RETRY);
  };
}

function stop() {
  clearTimeout(retry);
  stream?.close();
  stream = null;
}

function update(stats) {
  state.at = new Date(stats.at);
  state.isLost = false;
  const { ended } = stats.perMinute;
  const inAll = Object.values(ended).reduce((sum, number) => sum + number, 0);
  for (const element of document.querySelectorAll('[data-live]')) {
    const { live } = element.dataset;
    const value = live === 'ended' ? inAll : live.split('.').reduce((part, name) => part?.[name], stats);
    const shown = live.startsWith('store.') && value !== null ? Number(value.toPrecision(3)) : value;
    const text = shown === null ? '—' : numbers.format(shown);
    if (element.textContent !== text) element.textContent = text;
  }
  const given = Object.entries(ended).filter(([, number]) => number > 0);
  const tags = given.map(
    ([reason, number]) => html`<span class="tag">${reason.replaceAll('_', ' ')} ${numbers.format(number)}</span> `,
  );
  if (isFirst) {
    reasons.replaceChildren();
    document.querySelector('[data-counting]')?.remove();
  }
  isFirst = false;
  render(tags, reasons);
  show();
}

function toggle() {
  state.isPaused = !state.isPaused;
  show();
  follow();
}

function show() {
  const { at, isPaused, isLost } = state;
  const time = at && html`updated <time datetime=${at.toISOString()}>${at.toISOString().slice(11, 19)}</time> UTC`;
  const words = isPaused ? 'Paused' : isLost ? 'Connection lost, trying again' : at ? 'Live' : 'Connecting';
  render(
    html`<p class="fine"><span role="status">${words}</span>${time ? html`, ${time}` : nothing}</p>
      <button type="button" class="quiet" @click=${toggle}>${isPaused ? 'Go on' : 'Pause'}</button>`,
    clock,
  );
}
