import ts from 'typescript';
import { readText } from '../source-files.js';

/** One option, as its interface has it. */
export interface OptionField {
  /** With the names of what it is part of: `cookie.secure`, `peppers[].id`. */
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** The docstring in one line. */
  readonly text: string;
}

/** The fields of an interface. One whose type is an interface of `parts` is replaced by the fields of that one. */
export function fieldsOf(file: string, name: string, parts: Readonly<Record<string, string>> = {}): OptionField[] {
  return membersOf(file, name).flatMap((member) => {
    const field = fieldOf(member);
    const [part] = /\w+/.exec(field.type) ?? [];
    const home = part === undefined ? undefined : parts[part];
    if (home === undefined) return [field];
    const prefix = `${field.name}${field.type.includes('[]') ? '[]' : ''}.`;
    const inner = fieldsOf(home, part!, parts).map((each) => ({ ...each, name: prefix + each.name }));
    return field.text === '' ? inner : [{ ...field, type: field.type.replace(part!, 'object') }, ...inner];
  });
}

function membersOf(file: string, name: string): ts.PropertySignature[] {
  const source = ts.createSourceFile(file, readText(file), ts.ScriptTarget.Latest, true);
  const found = source.statements.filter(ts.isInterfaceDeclaration).find((each) => each.name.text === name);
  if (!found) throw new Error(`${file} has no interface ${name}.`);
  return found.members.filter(ts.isPropertySignature);
}

function fieldOf(member: ts.PropertySignature): OptionField {
  const text = ts
    .getJSDocCommentsAndTags(member)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ');
  return {
    name: member.name.getText(),
    type: member.type!.getText().replace(/\s+/g, ' ').replace(' | undefined', ''),
    isRequired: member.questionToken === undefined,
    text: text.replace(/\s+/g, ' ').trim(),
  };
}

const NAMED = /`([^`]+)`(?: \(default\b|, default\b)(?! (?:unless|in|if))/;
const LITERAL = /\bDefault:? (?:`([^`]+)`|(true|false|\d[\d ,]*\d|\d))(?! if| where)(?=[ .,;(])/;
/** A default in a sentence of its own. Dots within code or names do not end it. */
const SENTENCE = /(?:^| )Default:? ((?:`[^`]*`|[^.;`]|\.(?! |$))*)\.(?= |$)/;
const REFERENCE = / \([^)]*\d[^)]*\)$/;

/** The default, as an application could write it; undefined where it is said in words. */
export function defaultOf({ text }: OptionField): string | undefined {
  const [, named] = NAMED.exec(text) ?? [];
  const [, quoted, plain] = LITERAL.exec(text) ?? [];
  return named ?? quoted ?? plain?.replace(/[ ,]/g, '');
}

/** A row of the page. */
export function rowOf(field: OptionField): string {
  const [sentence, words] = SENTENCE.exec(field.text) ?? [];
  const literal = defaultOf(field);
  const said = words?.replace(REFERENCE, '');
  const isAllSaid = said !== undefined && (literal === undefined || /^(?:`[^`]*`|true|false|[\d ,]+)$/.test(said));
  const unsaid = /\bdefault\b/i.test(field.text) ? 'depends' : '';
  const fallback = literal === undefined ? (said ?? unsaid) : `\`${literal}\``;
  const cells = [
    `\`${field.name}\``,
    `\`${field.type}\``,
    field.isRequired ? 'required' : fallback,
    (isAllSaid ? field.text.replace(sentence!, '') : field.text).replace(' No default.', '').trim(),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** What an option means, without its default. */
export function meaningOf(field: OptionField): string {
  return field.text.replace(SENTENCE, '').trim();
}
