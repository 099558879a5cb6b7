// What is confirmed on a page of its own is shown as a dialog over the page it was asked for on.

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-dialog]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  void open(link);
});

async function open(link) {
  link.setAttribute('aria-busy', 'true');
  const page = await pageAt(link.href);
  link.removeAttribute('aria-busy');
  const action = page?.querySelector('[data-action]');
  // It asks for the password first, or something is wrong: the browser goes there itself.
  if (!action) return void location.assign(link.href);
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-labelledby', 'action-title');
  const heading = action.querySelector('h1');
  const title = document.createElement('h2');
  title.id = heading.id;
  title.append(...heading.childNodes);
  heading.replaceWith(title);
  action.removeAttribute('aria-labelledby');
  dialog.append(document.adoptNode(action));
  dialog.addEventListener('click', (event) => {
    if (!event.target.closest('[data-cancel]')) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    link.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector('input:not([type=hidden]), [data-cancel]')?.focus();
}

/** The document there, as it was answered; null if none came. A request of this kind parses it without running anything. */
function pageAt(url) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('GET', url);
    request.responseType = 'document';
    request.setRequestHeader('Accept', 'text/html');
    request.onload = () => resolve(request.status === 200 ? request.response : null);
    request.onerror = () => resolve(null);
    request.send();
  });
}
