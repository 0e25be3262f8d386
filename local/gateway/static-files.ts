import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const headers = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

interface StaticFile {
  readonly content: Buffer
  readonly type: string
  readonly etag: string
}

/**
 * Serves the files of one directory, read once.
 * @returns a function that answers a request, and returns whether the file exists.
 */
export const createStaticFiles = async (
  directory: string,
): Promise<(request: IncomingMessage, response: ServerResponse, path: string) => boolean> => {
  const files = new Map<string, StaticFile>()
  for (const name of await readdir(directory)) {
    const type = contentTypes[extname(name)]
    if (type === undefined) continue
    const content = await readFile(join(directory, name))
    const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
    files.set(name === 'index.html' ? '/' : `/${name}`, { content, type, etag })
  }
  return (request, response, path) => {
    const file = files.get(path)
    if (file === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false
    const unchanged = request.headers['if-none-match'] === file.etag
    response.writeHead(unchanged ? 304 : 200, {
      ...headers,
      etag: file.etag,
      ...(unchanged ? {} : { 'content-type': file.type, 'content-length': file.content.length }),
    })
    response.end(request.method === 'HEAD' || unchanged ? undefined : file.content)
    return true
  }
}
