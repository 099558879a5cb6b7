import { chmodSync, lstatSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

const PRIVATE_FILE = 0o600;
const GROUP = 0o070;
const OTHERS = 0o007;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;
const BESIDE = ['', '-wal', '-shm', '-reserve'];

/**
 * Takes from strangers what they could read: accounts, and what applications keep in sessions. A group may have been given its share on
 * purpose, for processes of several users, and keeps it. @returns what an operator should know, in words
 */
export function secureFiles(file: string): string[] {
  // On Windows who may read a file is inherited from its directory, and the mode says nothing.
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
