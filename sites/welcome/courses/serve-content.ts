import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
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

/** What could lead out of the directory: a segment that is empty, `.` or `..`, a NUL or a backslash. */
const unsafe = /(^|\/)\.{0,2}(\/|$)|[\0\\]/

const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code)

/** @param encoded percent-encoded path in the directory. @throws {Problem} 404 */
const openFile = async (directory: string, encoded: string): Promise<FileHandle> => {
  try {
    const path = decodeURIComponent(encoded).normalize('NFC')
    if (unsafe.test(path)) throw nothingHere()
    return await open(join(directory, path), constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    // The last one is for a link.
    const isMissing = hasCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP')
    throw isMissing || error instanceof URIError ? nothingHere() : error
  }
}

/**
 * The one range that a `Range` field asks for, as video players do, with both ends; it may begin after the end of the file.
 * @returns undefined for the whole file: no field, another unit, several ranges, or an invalid one (RFC 9110 §14.2).
 */
const byteRangeIn = (field: string | undefined, size: number): { start: number; end: number } | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(field ?? '') ?? []
  if (first === '') return last === '' ? undefined : { start: Math.max(0, size - Number(last)), end: size - 1 }
  const range = { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
  return last !== '' && Number(last) < range.start ? undefined : range
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
  await using file = await openFile(wanted.directory, wanted.path)
  const stat = await file.stat()
  if (!stat.isFile()) throw nothingHere()
  const range = byteRangeIn(request.headers.range, stat.size)
  if (range !== undefined && range.start >= stat.size) {
    response.setHeader('content-range', `bytes */${stat.size}`)
    throw new Problem(416, `The file has ${stat.size} bytes.`)
  }
  const { start, end } = range ?? { start: 0, end: stat.size - 1 }
  // Loaded on first use: most sites have no course, and the first page after a start would pay for it.
  const { default: mime } = await import('mime')
  response.writeHead(range === undefined ? 200 : 206, {
    // By the name alone, without a character set: a course's pages say their own.
    'content-type': mime.getType(wanted.path) ?? 'application/octet-stream',
    'content-length': end - start + 1,
    'accept-ranges': 'bytes',
    // A course never changes, and its id is never another's; it may be deleted.
    'cache-control': 'private, max-age=300',
    'x-content-type-options': 'nosniff',
    'content-security-policy': contentPolicy(wanted.embedder),
    'referrer-policy': 'same-origin',
    ...(range && { 'content-range': `bytes ${start}-${end}/${stat.size}` }),
  })
  try {
    if (request.method === 'HEAD' || stat.size === 0) response.end()
    else await pipeline(file.createReadStream({ start, end, autoClose: false }), response)
  } catch (error) {
    // Players of films break off what they no longer need.
    if (!hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE')) throw error
  }
}
