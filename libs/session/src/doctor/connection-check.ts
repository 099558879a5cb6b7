import { SeenRequest, type ExaminedRequest } from './seen-request.js';
import type { SessionDoctor } from './session-doctor.js';

/** A cookie with `Secure` goes out over a connection that is not secure, as far as the platform sees. */
export function reportInsecure(doctor: SessionDoctor, cookie: string, request: ExaminedRequest): void {
  if (new SeenRequest(request).isSaidToBeHttps)
    return doctor.found(
      'proxy_not_trusted',
      'A proxy forwards requests that came over HTTPS, but it is not trusted, so that they count as plain HTTP.',
    );
  const message = `The cookie ${cookie} has the attribute Secure, and was set over plain HTTP; browsers drop it there.`;
  doctor.found('insecure_connection', message);
}
