/** The console's sections, in the order of its navigation: where each is below the console, and what it is called. */
export const SECTIONS = {
  overview: { path: '', label: 'Overview' },
  sessions: { path: '/sessions', label: 'Sessions' },
  users: { path: '/users', label: 'Users' },
  'api-keys': { path: '/api-keys', label: 'API keys' },
  hits: { path: '/hits', label: 'Hits' },
  audit: { path: '/audit', label: 'Audit trail' },
  policy: { path: '/policy', label: 'Policy' },
  doctor: { path: '/doctor', label: 'Doctor' },
} as const;

export type Section = keyof typeof SECTIONS;

/** The section of a page. @param path below the console */
export function sectionAt(path: string): Section {
  const names = Object.keys(SECTIONS) as Section[];
  return names.find((name) => name !== 'overview' && path.startsWith(SECTIONS[name].path)) ?? 'overview';
}
