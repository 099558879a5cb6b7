// Loaded before a server: hides lit-html and uPlot, as an installation with `--omit=optional` has them not.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const existing = fs.existsSync;
const OPTIONAL = /[\\/]node_modules[\\/](lit-html|uplot)[\\/]/;

fs.existsSync = (path) => !OPTIONAL.test(String(path)) && existing(path);
syncBuiltinESMExports();
