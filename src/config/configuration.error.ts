/** A refusal to start that names every wrong value at once, each with its remedy. */
export class ConfigurationError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`Gatehouse cannot start with this configuration:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigurationError';
  }
}
