/** Where a link of a page leads, and the line it is on. */
export interface Link {
  readonly line: number;
  readonly target: string;
}

const FENCED = /^```[^]*?^```$/gm;
const SPAN = /`[^`\n]*`/g;

/** Blanks what is code, and keeps its lines. */
function withoutCode(markdown: string): string {
  return markdown.replace(FENCED, (code) => code.replace(/[^\n]/g, '')).replace(SPAN, '');
}

/** `[text](target)` and `<https://…>`. */
export function linksOf(markdown: string): Link[] {
  return withoutCode(markdown)
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(/\]\(([^)\s]*)\)|<(https?:[^>\s]*)>/g)].map(([, inline, bare]) => ({
        line: index + 1,
        target: inline ?? bare!,
      })),
    );
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, title] of markdown.replace(FENCED, '').matchAll(/^#{1,6} (.+)$/gm)) {
    const plain = title!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy++) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  return anchors;
}
