import { existsSync, readFileSync } from 'node:fs';

// Prints `passed failed skipped` of a Jest run. A suite that could not run, or a run without a report, has failed too.
const [file, exitCode] = process.argv.slice(2);

function count() {
  if (!existsSync(file)) return [0, 1, 0];
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  const skipped = report.numPendingTests + report.numTodoTests;
  return [report.numPassedTests, failed === 0 && exitCode !== '0' ? 1 : failed, skipped];
}

console.log(count().join(' '));
