// On every page of the console.
import './dialogs.js';
import './times.js';

// On a phone the sections are a row that scrolls.
document.querySelector('.sections [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

for (const button of document.querySelectorAll('[data-copy]')) {
  const field = document.getElementById(button.dataset.copy);
  const told = document.querySelector('[data-copied]');
  button.hidden = false;
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      told.textContent = 'Copied.';
    } catch {
      // Browsers give the clipboard to secure pages only.
      field.select();
      told.textContent = 'Selected: copy it with your keyboard.';
    }
  });
}
