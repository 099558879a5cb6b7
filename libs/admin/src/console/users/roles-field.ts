/** The roles of a text field: separated by commas or blanks, each once. */
export function rolesOf(text = ''): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((role) => role !== ''))];
}
