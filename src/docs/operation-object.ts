import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { problem } from './answers.js';
import { isForKeys, type Answer, type Content, type Operation, type Refusal } from './operation.js';

const PROBLEM = { $ref: '#/components/schemas/Problem' };
const PATH_PARAMETER = /\{(\w+)\}/g;
const RETRY = { description: 'Seconds.', schema: { type: 'integer' } };

const FORM_TOKEN = { type: 'string', description: 'The token of a signed-in session’s forms.' };

type Schema = Record<string, unknown>;

/** A zod schema as an OpenAPI 3.1 schema. @param io whether it describes what we receive or what we send */
export function schemaOf(type: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' });
  return schema;
}

export const PROBLEM_SCHEMA = schemaOf(problem, 'output');

/** An OpenAPI operation, including every refusal that follows from its access and method. */
export function operationObject(method: string, path: string, operation: Operation): object {
  const { group, summary, access, query, headers } = operation;
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z]+(.)?/g, (_, next: string = '') => next.toUpperCase())}`,
    tags: [group],
    summary,
    description: access === 'anybody' ? undefined : `For: ${access}.`,
    security: securityOf(operation),
    parameters: [...pathParameters(path), ...queryParameters(query), ...headerParameters(headers)],
    requestBody: requestBody(method, operation),
    responses: {
      ...Object.fromEntries(operation.answers.map((answer) => [answer.status, answerObject(answer)])),
      ...refusalObjects(refusalsOf(method, operation)),
    },
  };
}

/** Every route that may open a session accepts the cookie. */
function securityOf({ access, usesStore = true }: Operation): object[] {
  if (isForKeys(access)) return [{ bearer: [] }];
  if (access !== 'anybody') return [{ cookie: [] }];
  return usesStore ? [{}, { cookie: [] }] : [];
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(PATH_PARAMETER)].map(([, name]) => {
    return { name, in: 'path', required: true, schema: { type: 'string' } };
  });
}

function queryParameters(query: z.ZodObject | undefined): object[] {
  if (!query) return [];
  const { properties } = schemaOf(query, 'output') as { properties: Record<string, Schema> };
  const { required = [] } = schemaOf(query, 'input') as { required?: string[] };
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: 'query', required: required.includes(name), schema };
  });
}

function requestBody(method: string, { access, body }: Operation): object | undefined {
  if (method !== 'POST') return undefined;
  if (!isForKeys(access)) return bodyObject(body);
  return body && { required: false, content: { 'application/json': { schema: schemaOf(body, 'input') } } };
}

function headerParameters(headers: Operation['headers'] = {}): object[] {
  return Object.entries(headers).map(([name, description]) => {
    return { name, in: 'header', required: false, description, schema: { type: 'string' } };
  });
}

/** A route that reads no body may still receive a form that contains only the token. */
function bodyObject(body: z.ZodType | undefined): object {
  const schema = body ? schemaOf(body, 'input') : { type: 'object' };
  const required = Array.isArray(schema['required']) && schema['required'].length > 0;
  const properties = { ...(schema['properties'] as object | undefined), _csrf: FORM_TOKEN };
  const form = { 'application/x-www-form-urlencoded': { schema: { ...schema, properties } } };
  return { required, content: body ? { 'application/json': { schema }, ...form } : form };
}

function answerObject({ description, content, headers = {} }: Answer): object {
  const named = Object.entries(headers).map(([name, meaning]) => {
    return [name, { description: meaning, schema: { type: 'string' } }] as const;
  });
  return { description, headers: Object.fromEntries(named), content: contentObject(content) };
}

function contentObject(content: Content): object | undefined {
  if (content === 'nothing') return undefined;
  if (content === 'page') return { 'text/html': { schema: { type: 'string' } } };
  if (typeof content === 'string')
    return { [content]: { schema: content === 'application/json' ? {} : { type: 'string' } } };
  return { 'application/json': { schema: schemaOf(content, 'output') } };
}

function refusalsOf(method: string, operation: Operation): Refusal[] {
  const { access, body, refusals = [], usesStore = true } = operation;
  if (isForKeys(access)) return [...refusals, ...refusalsOfKeys(method, operation)];
  const common: Refusal[] = [];
  if (access !== 'anybody') common.push({ status: 401, codes: ['not_signed_in'] });
  if (access === 'user' || access === 'admin') common.push({ status: 403, codes: ['password_change_required'] });
  if (access === 'admin') common.push({ status: 403, codes: ['forbidden'] });
  if (method !== 'GET') {
    common.push({ status: 403, codes: ['cross_site', 'csrf_token'] });
    common.push({ status: 413, codes: ['body_too_large'] }, { status: 415, codes: ['unsupported_media_type'] });
  }
  if (body) common.push({ status: 400, codes: ['invalid_json'] });
  if (usesStore) common.push({ status: 503, codes: ['store_unavailable'] });
  return [...refusals, ...common];
}

function refusalsOfKeys(method: string, { query, body }: Operation): Refusal[] {
  const names = [...Object.keys(query?.shape ?? {}), ...(body ? ['body'] : [])];
  const invalid = names.flatMap((name) => [`${name}_missing`, `${name}_invalid`]);
  return [
    ...(names.length > 0 ? [{ status: 400, codes: invalid }] : []),
    { status: 401, codes: ['api_key_required', 'api_key_invalid'] },
    { status: 403, codes: ['scope_missing'] },
    ...(method === 'POST'
      ? [
          { status: 413, codes: ['body_too_large'] },
          { status: 415, codes: ['unsupported_media_type'] },
        ]
      : []),
    { status: 429, codes: ['rate_limited'] },
    { status: 503, codes: ['store_unavailable'] },
  ];
}

/** One answer for each status, with all its codes. */
function refusalObjects(refusals: readonly Refusal[]): object {
  const statuses = [...new Set(refusals.map(({ status }) => status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const codes = [...new Set(refusals.flatMap((refusal) => (refusal.status === status ? refusal.codes : [])))];
      const schema = { allOf: [PROBLEM, { properties: { code: { enum: codes } } }] };
      const headers = status === 429 || status === 503 ? { 'Retry-After': RETRY } : undefined;
      const description = `${STATUS_CODES[status]}: ${codes.map((code) => `\`${code}\``).join(', ')}`;
      return [status, { description, headers, content: { 'application/problem+json': { schema } } }];
    }),
  );
}
