import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { OutgoingHttpHeaders } from 'node:http'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Exchange } from '../exchange.ts'
import { Problem } from '../problem.ts'

/** What a course may do in its frame. It cannot navigate the window around it. */
export const sandbox = 'allow-scripts allow-same-origin allow-forms'

/**
 * A course runs its own scripts, inline and by `eval`, as authoring tools make them, and reaches no other host. See
 * docs/adr/0029-courses.md.
 */
const contentPolicy = (embedder: string): string =>
  `default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; base-uri 'self'; form-action 'self'; frame-ancestors 'self' ${embedder}; sandbox ${sandbox}`

const nothingHere = () => new Problem(404, 'There is nothing at this address.')

/** @param encoded percent-encoded, from after the slash. @throws {Problem} 404 where it could lead anywhere else. */
const safePath = (encoded: string): string => {
  let path: string
  try {
    path = decodeURIComponent(encoded).normalize('NFC')
  } catch {
    throw nothingHere()
  }
  const isSafe = !/[\0\\]/.test(path) && path.split('/').every((segment) => !['', '.', '..'].includes(segment))
  if (!isSafe) throw nothingHere()
  return path
}

const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'

/** The last one is for a link. */
const missing: readonly string[] = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP']

const openFile = async (path: string): Promise<FileHandle> => {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && missing.some((code) => code === error.code)
    throw isMissing ? nothingHere() : error
  }
}

/**
 * Answers with a file of a course. @param wanted.path in the directory, percent-encoded. @param wanted.embedder the origin of the
 * page around the player.
 * @throws {Problem} 404, 416.
 */
export const serveContent = async (
  { request, response }: Exchange,
  wanted: { readonly directory: string; readonly path: string; readonly embedder: string },
): Promise<void> => {
  const path = safePath(wanted.path)
  await using file = await openFile(join(wanted.directory, path))
  const stat = await file.stat()
  if (!stat.isFile()) throw nothingHere()
  const range = byteRangeIn(request.headers.range, stat.size)
  if (range === 'unsatisfiable') {
    response.setHeader('content-range', `bytes */${stat.size}`)
    throw new Problem(416, `The file has ${stat.size} bytes.`)
  }
  const { start, end } = range ?? { start: 0, end: stat.size - 1 }
  const headers: OutgoingHttpHeaders = {
    'content-type': contentTypeOf(path),
    'content-length': end - start + 1,
    'accept-ranges': 'bytes',
    // A course never changes, and its id is never another's; it may be deleted.
    'cache-control': 'private, max-age=300',
    'x-content-type-options': 'nosniff',
    'content-security-policy': contentPolicy(wanted.embedder),
    'referrer-policy': 'same-origin',
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${stat.size}` }),
  }
  response.writeHead(range === undefined ? 200 : 206, headers)
  if (request.method === 'HEAD' || stat.size === 0) {
    response.end()
    return
  }
  try {
    await pipeline(file.createReadStream({ start, end, autoClose: false }), response)
  } catch (error) {
    // Players of films break off what they no longer need.
    if (!isBrokenOff(error)) throw error
  }
}

/** Both ends included, in bytes. */
interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The one range that a `Range` field asks for, as video players do.
 * @returns undefined for the whole file: no field, another unit, several ranges, or an invalid one (RFC 9110 §14.2);
 *   'unsatisfiable' where it begins after the end.
 */
const byteRangeIn = (field: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(field ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}

/** Extensions that are their own subtype. */
const sameNames: Readonly<Record<string, readonly string[]>> = {
  application: ['json', 'pdf', 'wasm', 'zip'],
  audio: ['aac', 'ogg', 'wav'],
  font: ['otf', 'ttf', 'woff', 'woff2'],
  image: ['avif', 'bmp', 'gif', 'jpeg', 'png', 'webp'],
  text: ['css', 'csv', 'html', 'vtt', 'xml'],
  video: ['mp4', 'webm'],
}

const office = 'application/vnd.openxmlformats-officedocument'

const types: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(sameNames).flatMap(([type, names]) => names.map((name) => [`.${name}`, `${type}/${name}`])),
  ),
  '.docx': `${office}.wordprocessingml.document`,
  '.htm': 'text/html',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.m4a': 'audio/mp4',
  '.m4v': 'video/mp4',
  '.mjs': 'text/javascript',
  '.mp3': 'audio/mpeg',
  '.oga': 'audio/ogg',
  '.ogv': 'video/ogg',
  '.pptx': `${office}.presentationml.presentation`,
  '.srt': 'application/x-subrip',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.xhtml': 'application/xhtml+xml',
  '.xlsx': `${office}.spreadsheetml.sheet`,
  '.xsd': 'text/xml',
}

/** By the name alone, without a character set: a course's pages say their own. */
const contentTypeOf = (path: string): string => types[extname(path).toLowerCase()] ?? 'application/octet-stream'
