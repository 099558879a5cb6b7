const NAMES: Readonly<Record<string, string>> = {
  created: 'Created',
  signed_in: 'Signed in',
  signed_out: 'Signed out',
  renewed: 'Secret renewed',
  ended: 'Ended',
  conflict: 'Two requests changed the same',
  extended: 'Extended by an administrator',
  secret_refused: 'A wrong secret was refused',
  data_invalid: 'Its data did not fit the schema',
  password_changed: 'Password changed',
};

/** The name of a timeline's event, for people. */
export function nameOfEvent(type: string): string {
  const words = type.replaceAll('_', ' ');
  return NAMES[type] ?? words.charAt(0).toUpperCase() + words.slice(1);
}
