import type { ApiKeyInfo } from 'nest-gatehouse/sessman';
import { API_KEY_SCOPES } from 'nest-gatehouse/sessman/storage';
import type { ActionPage } from '../console-page.js';

const SCOPES: Readonly<Record<string, string>> = {
  'sessions:read': 'read sessions',
  'sessions:write': 'create, change and end sessions',
  'sessions:list': 'list a user’s sessions',
};

/** @param chosen the scopes that were chosen before */
export function createAction(chosen: readonly string[]): ActionPage {
  return {
    section: 'api-keys',
    title: 'Create an API key',
    lead: 'A key sees only the sessions of its namespace. It is shown once.',
    button: 'Create the key',
    fields: [
      {
        name: 'namespace',
        label: 'Namespace',
        type: 'text',
        hint: 'Lower-case letters, digits, dots, underscores and hyphens, such as shop.',
        isRequired: true,
      },
      {
        name: 'scopes',
        label: 'May',
        type: 'choices',
        options: API_KEY_SCOPES.map((value) => ({
          value,
          label: SCOPES[value] ?? value,
          isChosen: chosen.includes(value),
        })),
      },
      {
        name: 'owner',
        label: 'Owner',
        type: 'text',
        hint: 'A username. The key is refused while the account is disabled, and goes with it.',
      },
      {
        name: 'expiresAt',
        label: 'Expires (UTC)',
        type: 'datetime-local',
        hint: 'Without it the key does not expire.',
      },
    ],
    back: '/api-keys',
  };
}

export function rotateAction({ id, namespace }: ApiKeyInfo): ActionPage {
  return {
    section: 'api-keys',
    title: 'Rotate the key',
    lead: `The key ${id} of ${namespace} gets a new secret, which is shown once.`,
    button: 'Rotate the key',
    fields: [
      {
        name: 'overlap',
        label: 'The former secret is accepted for',
        type: 'text',
        hint: 'Such as 1h or 7d, at most 30d. Without it the former secret is refused at once.',
      },
    ],
    back: '/api-keys',
  };
}

export function revokeAction({ id, namespace }: ApiKeyInfo): ActionPage {
  return {
    section: 'api-keys',
    title: 'Revoke the key',
    lead: `The key ${id} of ${namespace} is refused from now on, everywhere. This cannot be undone.`,
    button: `Revoke the key ${id}`,
    isDangerous: true,
    back: '/api-keys',
  };
}
