/** One run of Spin. */
export interface Checked {
  readonly model: string;
  /** Of the switch that breaks a rule; null: the model as it is. */
  readonly name: string | null;
  readonly breaks: string;
  readonly states: number;
  readonly isExhaustive: boolean;
  /** What Spin has found; null: nothing. */
  readonly violation: string | null;
  readonly unreached: readonly string[];
}

export function missingTools(): Promise<string | null>;
export function checkModels(): Promise<Checked[]>;
export function tableOf(checked: readonly Checked[]): string;
export function faultsOf(checked: readonly Checked[]): string[];
