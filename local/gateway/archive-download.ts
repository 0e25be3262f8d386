import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { archiveLinkPath, type SignedArchiveLinks } from '../../adapters/archive-links/signed-archive-links.ts'
import { SitewrightError } from '../../core/errors.ts'
import { type ArchiveStore, archiveKeys } from '../../core/ports/archives.ts'
import type { Log } from '../../core/ports/context.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import { type Serve, sendResult } from './send-result.ts'

const notFound = new SitewrightError('NotFound', 'This download link is invalid or has expired. Request a new one.')

const sizeOf = async (archives: ArchiveStore, key: string): Promise<number | undefined> => {
  for await (const found of archives.list(key)) if (found.key === key) return found.bytes
  return undefined
}

/** As many uploads at once write less between two checks than the host leaves free. */
const checkBytes = 2 ** 20

const full = new Error('The disk has no room for the rest of an upload.')

/** What is sent, while there is room. The connection stays, to answer that there is none. @throws {Error} `full`. */
const whileRoom = async function* (request: IncomingMessage, lacksRoom: Options['lacksRoom']): AsyncGenerator<Buffer> {
  let unchecked = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    unchecked += chunk.length
    if (unchecked >= checkBytes) {
      unchecked = 0
      if (await lacksRoom()) throw full
    }
    yield chunk
  }
}

/**
 * Puts what is sent in its place: whole, or not at all, and never over another. No other process puts an archive of this id.
 * @param receiving the keys that are being put. @returns the status, which is that of S3.
 */
const receive = async (
  { links, archives, lacksRoom }: Pick<Options, 'links' | 'archives' | 'lacksRoom'>,
  receiving: Set<string>,
  request: IncomingMessage,
  url: URL,
): Promise<200 | 400 | 403 | 409 | 412 | 507> => {
  const upload = links.readUpload(url.pathname.slice(archiveLinkPath.length))
  if (upload === undefined) return 403
  if (request.headers['content-length'] !== String(upload.bytes)) return 400
  const key = archiveKeys(upload.siteId, upload.archiveId)[upload.part]
  if (receiving.has(key)) return 409
  receiving.add(key)
  try {
    if (await lacksRoom(upload.bytes)) return 507
    if ((await sizeOf(archives, key)) !== undefined) return 412
    await archives.put(key, whileRoom(request, lacksRoom))
    return 200
  } catch (error) {
    if (error === full) return 507
    throw error
  } finally {
    receiving.delete(key)
  }
}

interface Options {
  readonly links: Pick<SignedArchiveLinks, 'read' | 'readUpload'>
  readonly archives: ArchiveStore
  /** Whether the disk of the archives cannot take so many bytes more. */
  readonly lacksRoom: (bytes?: number) => Promise<boolean>
  readonly log: Log
}

/** Serves archives by their signed links, and takes those that owners upload by theirs. */
export const createArchiveDownload = ({ links, archives, lacksRoom, log }: Options): Serve => {
  const receiving = new Set<string>()

  const find = async (url: URL) => {
    const place = links.read(url.pathname.slice(archiveLinkPath.length))
    if (place === undefined) return undefined
    const part = url.pathname.endsWith('.manifest.jsonl') ? 'manifest' : 'content'
    const key = archiveKeys(place.siteId, place.archiveId)[part]
    const size = await sizeOf(archives, key)
    const content = size === undefined ? undefined : await archives.open(key)
    return content === undefined ? undefined : { ...place, size, content }
  }

  const send = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const found = await find(url)
    if (found === undefined) return sendResult(request, response, problemResponse(notFound))
    response.writeHead(200, {
      'content-type': 'application/zstd',
      'content-length': found.size,
      // Saved by the last part of its address.
      'content-disposition': 'attachment',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    // A client may disconnect early. On an error, the connection of one that stays is cut.
    await pipeline(Readable.from(found.content, { objectMode: false }), response).catch((error: unknown) =>
      log.info(
        { event: 'download-ended-early', siteId: found.siteId, archiveId: found.archiveId, err: error },
        'a download ended early',
      ),
    )
  }

  return async (request, response, url) => {
    if (request.method === 'GET' || request.method === 'HEAD') return send(request, response, url)
    if (request.method === 'PUT') {
      const statusCode = await receive({ links, archives, lacksRoom }, receiving, request, url)
      return sendResult(request, response, { statusCode })
    }
    response.setHeader('allow', 'GET, HEAD, PUT')
    const refused = new SitewrightError('MethodNotAllowed', 'This path allows GET, HEAD and PUT.')
    sendResult(request, response, problemResponse(refused))
  }
}
