import type { Abstract } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

/**
 * Prepares the store at start if it is known to be used, so that the application starts only with its indexes.
 * Otherwise it prepares itself at its first use.
 * @param user a provider of the module that uses the contract
 */
export async function preparedIfUsed<T extends { prepare(): Promise<void> }>(
  store: T,
  contract: Abstract<unknown>,
  user: Abstract<unknown>,
  modules: ModulesContainer,
): Promise<T> {
  const all = [...modules.values()];
  const isUsed = all.some(({ providers }) => providers.has(user));
  const isAlone = all.filter(({ providers }) => providers.has(contract)).length === 1;
  if (isUsed && isAlone) await store.prepare();
  return store;
}
