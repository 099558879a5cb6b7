import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

// Serves the page from another origin than the server, as a CDN would.
const { PORT = '4000', API = 'http://localhost:3000' } = process.env;
const page = await readFile(new URL('./index.html', import.meta.url), 'utf8');

createServer((_request, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(page.replace('%API%', API));
}).listen(PORT);
