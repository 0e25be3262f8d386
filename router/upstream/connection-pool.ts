import type { NetConnectOpts } from 'node:net'
import type { Readable } from 'node:stream'
import type { ReadingTurns } from '../turns.ts'
import { type AnswerBounds, type Exchange, openSiteConnection, type SiteConnection } from './site-connection.ts'

const sweepMilliseconds = 1000

/** A request for a site. */
export interface PoolRequest {
  readonly method: string
  readonly path: string
  /** Names and values in turn. */
  readonly headers: readonly string[]
  /** Sent as it is where the fields have a Content-Length, otherwise in chunks. */
  readonly body: Readable | undefined
  readonly bounds: AnswerBounds
  /** How long its connection may have been idle: its site may be closing it at this moment. */
  readonly maxIdleMilliseconds: number
}

/** A path or field has a character that HTTP/1.1 does not allow, or the body that it announces is missing. Node's server already refuses such requests; this is a second check. */
export class UnsendableRequest extends Error {
  override readonly name = 'UnsendableRequest'
  readonly code = 'SITEWRIGHT_UNSENDABLE'
}

/** @param connection the Connection field, unless the request has its own. @throws {UnsendableRequest} */
export const headOf = (
  { method, path, headers, body }: Pick<PoolRequest, 'method' | 'path' | 'headers' | 'body'>,
  connection = 'Connection: keep-alive\r\n',
): { readonly head: string; readonly isChunked: boolean } => {
  let head = `${method} ${path} HTTP/1.1\r\n`
  let isChunked = body !== undefined
  let isFramed = isChunked
  let text = ''
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (body === undefined && !/^0+$/.test(value)) throw new UnsendableRequest('a body is announced and missing')
      isChunked = false
      isFramed = true
    }
    head += `${name}: ${value}\r\n`
    text += name + value
  }
  if (!/^[\x21-\x7e\x80-\xff]+$/.test(path) || /[^\t\x20-\x7e\x80-\xff]/.test(text))
    throw new UnsendableRequest('a field has a character that cannot be sent')
  head += connection
  if (isChunked) head += 'Transfer-Encoding: chunked\r\n'
  // RFC 9110 §8.6: some servers answer 411 without it.
  if (!isFramed && /^(?:POST|PUT|PATCH)$/.test(method)) head += 'Content-Length: 0\r\n'
  head += '\r\n'
  return { head, isChunked }
}

/** The connections to one server: a new one for each request that finds none free. */
export const createConnectionPool = (target: NetConnectOpts, now = () => performance.now(), inTurns?: ReadingTurns) => {
  const open = new Set<SiteConnection>()
  /** The one that was used last is used first, so that the others become idle. */
  const free: SiteConnection[] = []
  let isClosing = false
  const closed = Promise.withResolvers<void>()

  /** Closes connections that have been idle for as long as servers usually wait. */
  const sweep = setInterval(() => {
    const time = now()
    closeIdle((connection) => !connection.isFresh(time))
  }, sweepMilliseconds)
  sweep.unref()
  const beginClosing = (): void => {
    isClosing = true
    clearInterval(sweep)
  }

  const openOne = (): SiteConnection => {
    const opened = openSiteConnection({
      target,
      now,
      inTurns,
      onFree: (connection) => {
        if (isClosing) connection.close()
        else free.push(connection)
      },
      onClosed: (connection) => {
        open.delete(connection)
        const index = free.indexOf(connection)
        if (index >= 0) free.splice(index, 1)
        if (isClosing && open.size === 0) closed.resolve()
      },
    })
    open.add(opened)
    return opened
  }

  const takeFree = (maxIdleMilliseconds: number): SiteConnection | undefined => {
    const time = now()
    for (let last = free.at(-1); last !== undefined; last = free.at(-1)) {
      // The others have been idle for longer.
      if (last.isFresh(time) && time - last.idleSince() >= maxIdleMilliseconds) return undefined
      free.pop()
      if (last.isFresh(time)) return last
      last.close()
    }
    return undefined
  }

  const closeIdle = (isIdle: (connection: SiteConnection) => boolean): void => {
    for (const connection of free.filter(isIdle)) connection.close()
  }

  return {
    /** Sends a request. @returns the controls of the exchange. @throws {UnsendableRequest} */
    request: (
      request: PoolRequest,
      exchange: Exchange,
    ): { readonly resume: () => void; readonly abort: () => void } => {
      const { head, isChunked } = headOf(request)
      const connection = takeFree(request.maxIdleMilliseconds) ?? openOne()
      const body = request.body && { stream: request.body, isChunked }
      connection.request({ method: request.method, head, body, bounds: request.bounds }, exchange)
      return { resume: connection.resume, abort: () => connection.abort(exchange) }
    },
    /** How many requests are on their way, or being answered. */
    openRequests: (): number => open.size - free.length,
    /** Lets requests end, and resolves then. */
    close: (): Promise<void> => {
      beginClosing()
      closeIdle(() => true)
      if (open.size === 0) closed.resolve()
      return closed.promise
    },
    /** Ends everything at once. */
    destroy: (): void => {
      beginClosing()
      for (const connection of open) connection.close()
    },
  }
}

export type ConnectionPool = ReturnType<typeof createConnectionPool>
