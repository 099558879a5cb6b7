interface NodeResponse {
  getHeader?(name: string): unknown;
}

/** The `X-Request-Id` of the answer to be; null if the application sets none. */
export function requestIdOf(response: object): string | null {
  const node = ('raw' in response ? response.raw : response) as NodeResponse;
  const id = node.getHeader?.('x-request-id') ?? (response as NodeResponse).getHeader?.('x-request-id');
  return typeof id === 'string' ? id : null;
}
