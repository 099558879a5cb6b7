import ipaddr from 'ipaddr.js';

/** Whether it is an address that this machine alone can reach. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}
