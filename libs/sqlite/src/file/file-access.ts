import { chmodSync, lstatSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

const PRIVATE_FILE = 0o600;
const GROUP = 0o070;
const OTHERS = 0o007;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;
const BESIDE = ['', '-wal', '-shm', '-reserve'];

/**
 * Removes the access of other users to the files, which hold accounts and session data. Access of the group is kept,
 * because it may be intended for processes of several users. @returns warnings for the operator
 */
export function secureFiles(file: string): string[] {
  // On Windows access is inherited from the directory, and the mode means nothing.
  if (!process.getuid) return [];
  const names = BESIDE.map((suffix) => file + suffix);
  return [...names.flatMap((name) => secureFile(name, process.getuid!())), ...directoryFaults(dirname(file))];
}

function secureFile(name: string, user: number): string[] {
  const stats = statSync(name, { throwIfNoEntry: false });
  if (!stats?.isFile()) return [];
  if (!isOpenTo(stats, OTHERS)) {
    return isOpenTo(stats, GROUP) ? [`${name} can be read by its group (mode ${modeOf(stats)}).`] : [];
  }
  const found = `${name} could be read by every user of this machine (mode ${modeOf(stats)})`;
  if (stats.uid !== user) return [`${found} and belongs to another user, who should run: chmod 600 ${name}`];
  try {
    chmodSync(name, PRIVATE_FILE);
    return [`${found}; it is now for its owner alone (0600).`];
  } catch (error) {
    return [`${found}, and its mode cannot be changed (${(error as NodeJS.ErrnoException).code}).`];
  }
}

function directoryFaults(directory: string): string[] {
  const stats = lstatSync(directory);
  if (!isOpenTo(stats, OTHERS_WRITE) || isOpenTo(stats, STICKY)) return [];
  return [
    `Every user of this machine can replace files in ${directory} (mode ${modeOf(stats)}); run: chmod o-w ${directory}`,
  ];
}

function isOpenTo({ mode }: Stats, bits: number): boolean {
  return (mode & bits) !== 0;
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
