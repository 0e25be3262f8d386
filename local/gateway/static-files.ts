import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { hasTag } from '../../lambdas/_runtime/answer.ts'
import { contentSecurityPolicy } from '../../lambdas/_runtime/browser-headers.ts'
import { type Language, languages } from '../../web/settings.ts'

/** The language of the pages: the chosen one, which a cookie holds, otherwise the browser's first that we have. */
export const chooseLanguage = ({ cookie, ...headers }: IncomingHttpHeaders): Language => {
  const chosen = /(?:^|;\s*)language=(\w+)/.exec(cookie ?? '')?.[1]
  const wanted = [
    chosen ?? '',
    ...(headers['accept-language'] ?? '').split(',').map((range) => range.trim().slice(0, 2)),
  ]
  return wanted.flatMap((code) => languages.find((known) => known === code.toLowerCase()) ?? [])[0] ?? 'en'
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.jpg': 'image/jpeg',
}

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

interface StaticFile {
  readonly content: Buffer
  readonly compressed: Buffer | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly etag: string
}

const readStaticFile = async (directory: string, path: string, type: string): Promise<StaticFile> => {
  const file = join(directory, path)
  const content = await readFile(file)
  const isAsset = path.startsWith('/assets/')
  return {
    content,
    compressed: await readFile(`${file}.br`).catch(() => undefined),
    headers: {
      'content-type': type,
      // The name of an asset changes with its content.
      'cache-control': isAsset ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: isAsset ? 'accept-encoding' : 'accept-encoding, accept-language, cookie',
    },
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
  }
}

const acceptsBrotli = ({ headers }: IncomingMessage): boolean =>
  /(?:^|,)\s*br\s*(?:,|$)/.test(String(headers['accept-encoding'] ?? ''))

/**
 * Serves the built pages, read once: files by their path, and `index.<language>.html` for a path that ends with a slash.
 * @param hosts the directory of the pages at a hostname of its own.
 * @returns a function that answers a request, and returns whether the file exists.
 */
export const createStaticFiles = async (
  directory: string,
  hosts: Readonly<Record<string, string>> = {},
): Promise<(request: IncomingMessage, response: ServerResponse, path: string, hostname?: string) => boolean> => {
  const files = new Map<string, StaticFile>()
  for (const entry of await readdir(directory, { recursive: true })) {
    const type = contentTypes[extname(entry)]
    if (type !== undefined) files.set(`/${entry}`, await readStaticFile(directory, `/${entry}`, type))
  }
  const find = (request: IncomingMessage, path: string, hostname = ''): StaticFile | undefined => {
    const at = hosts[hostname] === undefined ? '' : `/${hosts[hostname]}`
    return files.get(path.endsWith('/') ? `${at}${path}index.${chooseLanguage(request.headers)}.html` : path)
  }

  const send = (request: IncomingMessage, response: ServerResponse, file: StaticFile): void => {
    const isBrotli = file.compressed !== undefined && acceptsBrotli(request)
    const content = isBrotli ? file.compressed : file.content
    const etag = isBrotli ? file.etag.replace(/"$/, '-br"') : file.etag
    const unchanged = hasTag(request.headers['if-none-match'], etag)
    response.writeHead(unchanged ? 304 : 200, {
      ...headers,
      ...file.headers,
      etag,
      ...(isBrotli ? { 'content-encoding': 'br' } : {}),
      ...(unchanged ? {} : { 'content-length': content.length }),
    })
    response.end(request.method === 'HEAD' || unchanged ? undefined : content)
  }

  return (request, response, path, hostname) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    const file = find(request, path, hostname)
    if (file !== undefined) send(request, response, file)
    else if (find(request, `${path}/`, hostname) !== undefined) {
      const [query = ''] = /\?.*/.exec(request.url ?? '') ?? []
      response.writeHead(308, { ...headers, location: `${path}/${query}` })
      response.end()
    } else return false
    return true
  }
}
