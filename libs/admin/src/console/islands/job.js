// How far a job is: the page needs not be loaded again and again.
const INTERVAL = 1_000;
const job = document.querySelector('[data-job]');
const numbers = new Intl.NumberFormat('en');

if (job.dataset.state === 'running') setTimeout(look, INTERVAL);

async function look() {
  const answer = await fetch(job.dataset.job, { headers: { Accept: 'application/json' } }).catch(() => null);
  const found = answer?.ok ? await answer.json() : null;
  if (found) {
    job.querySelector('[data-job-ended]').textContent = numbers.format(found.ended);
    job.querySelector('progress').value = found.ended;
    // The page says how it ended.
    if (found.state !== 'running') return void location.reload();
  }
  setTimeout(look, INTERVAL);
}
