const byId = (id) => document.getElementById(id);
const page = {
  session: byId('session'),
  state: byId('state'),
  status: byId('status'),
  stored: byId('stored'),
  code: byId('code'),
  wire: byId('wire'),
};
// The path of the proxy in front, in front of every path.
const { base } = page.session.dataset;
const WIRE_LINES = 4;
const CHECK_AGAIN_AFTER = 10_000;

// Ends are instants of the server's clock; the visitor's may be wrong.
const clockOffset = Date.parse(page.session.dataset.now) - Date.now();
let session = page.session.dataset.session ? JSON.parse(page.session.dataset.session) : { active: false };
let nextCheck = 0;

function inWords(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const parts = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return (first === -1 ? parts.slice(-1) : parts.slice(first, first + 2))
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

function showEnd(name, end, begin) {
  const left = Date.parse(end) - (Date.now() + clockOffset);
  byId(`${name}-left`).textContent = inWords(left);
  const bar = byId(`${name}-bar`);
  bar.max = Math.max(1, Date.parse(end) - Date.parse(begin));
  bar.value = Math.max(0, left);
  bar.textContent = inWords(left);
  const time = byId(`${name}-at`);
  if (time.dateTime !== end || !time.dataset.local) {
    time.dateTime = end;
    time.dataset.local = 'true';
    time.textContent = new Date(end).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  }
  return left;
}

function showLength(name) {
  const text = byId(`${name}-left`);
  text.textContent = inWords(Number(text.dataset.length)).replace(/ 0 (h|min|s)$/, '');
}

function show() {
  page.state.textContent = session.active ? 'Active' : 'None';
  page.state.dataset.active = String(session.active);
  byId('handle').textContent = session.handle ?? '';
  byId('handle-line').hidden = !session.active;
  byId('ends').dataset.active = String(session.active);
  byId('no-session').hidden = session.active;
  byId('renew').disabled = byId('end').disabled = !session.active;
  if (session.active) tick();
  else for (const name of ['idle', 'absolute']) showLength(name);
}

function tick() {
  if (!session.active) return;
  const idle = showEnd('idle', session.idleExpiresAt, session.lastSeenAt);
  const absolute = showEnd('absolute', session.absoluteExpiresAt, session.createdAt);
  if (Math.min(idle, absolute) <= 0 && Date.now() >= nextCheck) {
    nextCheck = Date.now() + CHECK_AGAIN_AFTER;
    putAway();
    void refresh('Your session has ended.');
  }
}

/** What the page shows of the session goes with it, whether or not the server can be asked. */
function putAway() {
  page.stored.textContent = '';
  page.code.value = '';
  page.wire.replaceChildren();
  byId('signed-in')?.remove();
}

function say(text, failed = false) {
  page.status.textContent = text;
  page.status.toggleAttribute('data-failed', failed);
}

function note(method, path, outcome) {
  page.wire.querySelector('.wire-empty')?.remove();
  const line = document.createElement('li');
  for (const text of [`${method} ${path}`, outcome]) {
    line.append(Object.assign(document.createElement('span'), { textContent: text }));
  }
  page.wire.prepend(line);
  while (page.wire.children.length > WIRE_LINES) page.wire.lastElementChild.remove();
}

async function send(method, path, body) {
  const request = { method, headers: { accept: 'application/json' } };
  // Looking at the session is no use of it, otherwise an open page would keep it alive.
  if (path === '/api/session') request.headers['x-session-passive'] = '1';
  if (body !== undefined) {
    request.headers['content-type'] = 'application/json';
    request.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(base + path, request);
  } catch {
    note(method, path, 'no answer');
    throw new Error('The server does not answer. Is it still running?');
  }
  const answer = response.status === 204 ? undefined : await response.json();
  note(method, path, [response.status, answer && JSON.stringify(answer).slice(0, 120)].filter(Boolean).join(' '));
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

async function refresh(textWhenEnded) {
  try {
    const wasActive = session.active;
    session = await send('GET', '/api/session');
    if (wasActive && !session.active) {
      putAway();
      if (textWhenEnded) say(textWhenEnded);
    }
    show();
    if (session.active !== wasActive) await document.querySelector('gatehouse-timeout').refresh();
  } catch (error) {
    say(error.message, true);
  }
}

let earlier = Promise.resolve();

/** One after the other: what is asked for second may need the cookie that answers the first. */
function act(work) {
  earlier = earlier.then(async () => {
    try {
      say(await work());
    } catch (error) {
      say(error.message, true);
    }
    await refresh();
  });
}

byId('code-form').addEventListener('submit', (event) => {
  event.preventDefault();
  act(async () => {
    await send('POST', '/api/code', { code: page.code.value });
    return 'Kept in your session.';
  });
});

byId('get').addEventListener('click', () => {
  act(async () => {
    const { result } = await send('GET', '/api/code');
    page.stored.textContent = result ?? 'nothing';
    page.stored.toggleAttribute('data-empty', result === null);
    return result === null ? 'There is no value.' : 'Read from your session.';
  });
});

byId('renew').addEventListener('click', () => {
  act(async () => {
    await send('POST', '/api/session/renew');
    return 'Renewed: the same session, a new secret.';
  });
});

byId('end').addEventListener('click', () => {
  act(async () => {
    await send('POST', '/api/session/end');
    if (byId('sign-out')) location.reload();
    page.code.focus();
    return 'Your session has ended.';
  });
});

// As JSON it needs no form token, which does not outlive two renewals.
byId('sign-out')?.addEventListener('submit', (event) => {
  event.preventDefault();
  void act(async () => {
    await send('POST', '/auth/logout');
    location.assign(`${base}/`);
  });
});

addEventListener('gatehouse-extended', () => void refresh());

// A page that comes back from the browser's own memory shows what was, not what is.
addEventListener('pageshow', (event) => {
  if (event.persisted) void refresh('Your session has ended.');
});

show();
setInterval(tick, 1000);
