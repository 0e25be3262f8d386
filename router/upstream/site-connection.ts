import { connect, type NetConnectOpts } from 'node:net'
import type { Readable } from 'node:stream'
import type { ReadingTurns } from '../turns.ts'
import type { AnswerHead } from './answer-head.ts'
import { createAnswerReader } from './answer-reader.ts'
import { limitConnecting, readAfterFailedWrite } from './site-socket.ts'

/** One request to a site, as its bytes are to be. */
export interface SiteRequest {
  readonly method: string
  /** The request line and the fields, with the empty line after them. */
  readonly head: string
  readonly body: { readonly stream: Readable; readonly isChunked: boolean } | undefined
  readonly bounds: AnswerBounds
}

export interface AnswerBounds {
  /** How long a site may be silent before its answer begins; 0 for as long as it likes. */
  readonly silentMilliseconds: number
  readonly fieldsBytes: number
}

/** Receives the progress of one request, in this order, and no call after `end`, `fail` or an abort. */
export interface Exchange {
  /** The site can see the request from now on. */
  readonly sent: () => void
  readonly interim?: (head: AnswerHead) => void
  readonly head: (head: AnswerHead) => void
  /** The bytes are valid until it returns. @returns false where no more can be taken before a `resume`. */
  readonly piece: (bytes: Buffer) => boolean
  /** Hears how many bytes of the answer have come, with all that frames it, without its head. */
  readonly carried?: (bytes: number) => void
  readonly end: () => void
  readonly fail: (error: Error) => void
}

export interface ConnectionOptions {
  /** Without it, answers are read as they come: the host's are. */
  readonly inTurns?: ReadingTurns | undefined
  readonly target: NetConnectOpts
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** The connection can take another request. */
  readonly onFree: (connection: SiteConnection) => void
  readonly onClosed: (connection: SiteConnection) => void
}

/** A site that did not begin its answer in time. */
export const answerTimeoutCode = 'SITEWRIGHT_ANSWER_TIMEOUT'

/** Detects sites that are gone without having closed the connection. */
const probeMilliseconds = 60_000
/** Many servers close an idle connection after five seconds. */
const idleMilliseconds = 4000
/** Otherwise the site could close the connection while a request is on its way. */
const marginMilliseconds = 2000
const longestIdleMilliseconds = 60_000

/** Servers may not read a body of other methods, and take it for the next request. */
const readsBody = /^(?:POST|PUT|PATCH|QUERY|PROPFIND|PROPPATCH)$/

const errorWith = (code: string, message: string): Error => Object.assign(new Error(message), { code })

/** Shared by all connections: each piece is used or copied before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(65_536)

/** Opens a connection to a site, for one request at a time. Make the first request in the same turn. */
export const openSiteConnection = ({ target, now, inTurns, onFree, onClosed }: ConnectionOptions) => {
  const reader = createAnswerReader()
  let exchange: Exchange | undefined
  let body: Readable | undefined
  let isLast = false
  /** When an answer is too late that has not begun by then. */
  let lateAfter = 0
  let failure: Error | undefined
  let silentMilliseconds = 0
  let idleSince = 0
  let idleUntil = 0

  const settle = (): Exchange | undefined => {
    const settled = exchange
    exchange = undefined
    const unsent = body
    body = undefined
    unsent?.destroy()
    return settled
  }

  const fail = (error: Error): void => {
    socket.destroy()
    settle()?.fail(error)
  }

  const endExchange = (): void => {
    // The site may not read what is left of the body.
    const isSent = body === undefined && socket.writable && socket.writableLength === 0
    const isReusable = !isLast && reader.isReusable() && isSent
    const ended = settle()
    if (isReusable) {
      const seconds = reader.keepAliveSeconds()
      const lasts = seconds === undefined ? idleMilliseconds : seconds * 1000 - marginMilliseconds
      idleSince = now()
      idleUntil = idleSince + Math.min(lasts, longestIdleMilliseconds)
      onFree(connection)
    } else socket.destroy()
    ended?.end()
  }

  const awaitsAnswer = (): boolean => exchange !== undefined && reader.awaitsHead() && body === undefined
  const isLate = (): boolean => silentMilliseconds > 0 && awaitsAnswer() && now() > lateAfter
  const failLate = (): void => fail(errorWith(answerTimeoutCode, 'the site did not answer in time'))
  const expectAnswer = (): void => {
    lateAfter = now() + silentMilliseconds
    socket.setTimeout(silentMilliseconds)
  }

  let goesOn = true
  /** What waits for its turn. Nothing more is read meanwhile. */
  let held: Buffer | undefined
  const sink = {
    interim: (head: AnswerHead) => exchange?.interim?.(head),
    head: (head: AnswerHead) => exchange?.head(head),
    piece: (bytes: Buffer) => {
      if (exchange?.piece(bytes) === false) goesOn = false
    },
  }

  const readAnswer = (bytes: Buffer): void => {
    try {
      const { bodyBytes } = reader.read(bytes)
      exchange?.carried?.(bodyBytes)
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)))
      return
    }
    if (exchange !== undefined && reader.isComplete()) endExchange()
    // Otherwise a site could send its head byte by byte for days.
    else if (isLate()) failLate()
  }

  /** @returns whether to read on. */
  const take = (bytes: Buffer): boolean => {
    goesOn = true
    // No request is open, so this is not an answer.
    if (exchange === undefined) socket.destroy()
    else readAnswer(bytes)
    // The next request reads on, even if the last piece asked for a pause.
    return goesOn || exchange === undefined
  }

  const takeHeld = (): void => {
    const bytes = held
    held = undefined
    if (bytes !== undefined && take(bytes)) socket.resume()
  }

  /** The kernel may have the answers of many connections at once, each of which takes long to read. */
  const takerInTurn = ({ turns, peer }: ReadingTurns): ((count: number) => boolean) => {
    let read = 0
    let continues = true
    const waiting = { peer, work: takeHeld }
    const taking = {
      peer,
      work: (): void => {
        continues = take(readBuffer.subarray(0, read))
      },
    }
    return (count) => {
      if (turns.isOver()) {
        held = Buffer.from(readBuffer.subarray(0, count))
        turns.wait(waiting)
        return false
      }
      read = count
      turns.run(taking)
      return continues
    }
  }

  const resume = (): void => {
    goesOn = true
    if (held === undefined) socket.resume()
  }

  const sendBody = (stream: Readable, isChunked: boolean): void => {
    body = stream
    stream.on('data', (piece: Buffer) => {
      if (isChunked) {
        socket.cork()
        socket.write(`${piece.length.toString(16)}\r\n`, 'latin1')
        socket.write(piece)
      }
      const isTaken = isChunked ? socket.write('\r\n', 'latin1') : socket.write(piece)
      if (isChunked) socket.uncork()
      if (!isTaken) stream.pause()
    })
    stream.on('end', () => {
      if (body !== stream) return
      body = undefined
      if (isChunked) socket.write('0\r\n\r\n', 'latin1')
      expectAnswer()
    })
    stream.on('error', (error) => {
      if (body === stream) fail(error)
    })
  }

  const socket = connect({
    ...target,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: probeMilliseconds,
    onread: {
      buffer: readBuffer,
      callback: inTurns === undefined ? (count) => take(readBuffer.subarray(0, count)) : takerInTurn(inTurns),
    },
  })
  limitConnecting(socket, fail)
  readAfterFailedWrite(socket, {
    isAwaited: () => exchange !== undefined,
    isPaused: () => exchange !== undefined && !goesOn,
  })
  socket.on('drain', () => body?.resume())
  socket.on('error', (error) => {
    failure = error
  })
  socket.on('end', () => {
    if (exchange === undefined) socket.destroy()
    else if (reader.endsHere()) endExchange()
    // Otherwise the rest of a body that the site does not read keeps the connection open.
    else fail(errorWith('ECONNRESET', 'the site closed the connection'))
  })
  socket.on('close', () => {
    // It may be an answer to a request that the site did not read to its end.
    takeHeld()
    fail(failure ?? errorWith('ECONNRESET', 'the site closed the connection'))
    onClosed(connection)
  })
  socket.on('timeout', () => {
    // A visitor who is slow to send a body, or to read the answer, does not make the site late. A site that does not read the body is late,
    // also after its answer began.
    if (awaitsAnswer() || (body !== undefined && socket.writableNeedDrain && goesOn)) failLate()
  })

  const start = ({ method, head, body: upload, bounds }: SiteRequest, given: Exchange): void => {
    if (exchange !== given) return
    given.sent()
    silentMilliseconds = bounds.silentMilliseconds
    reader.begin(method, sink, bounds.fieldsBytes)
    lateAfter = now() + silentMilliseconds
    // Where it is the same, the write below starts it again.
    if (socket.timeout !== silentMilliseconds) socket.setTimeout(silentMilliseconds)
    socket.write(head, 'latin1')
    isLast = upload !== undefined && !readsBody.test(method)
    if (upload !== undefined) sendBody(upload.stream, upload.isChunked)
  }

  const connection = {
    request: (request: SiteRequest, given: Exchange): void => {
      exchange = given
      if (socket.readyState === 'open') start(request, given)
      else socket.once('connect', () => start(request, given))
    },
    /** Continues after a `piece` that returned false. */
    resume,
    /** Ends an exchange without a call to it. Does nothing if that exchange has ended. */
    abort: (given: Exchange): void => {
      if (exchange !== given) return
      settle()
      socket.destroy()
    },
    /** Ends it, and its exchange with an error. */
    close: (): void => fail(errorWith('SITEWRIGHT_ROUTER_CLOSES', 'the router closes the connection')),
    /** Whether it can still be asked at this time of a clock that never goes back, in milliseconds. */
    isFresh: (time: number): boolean => !socket.destroyed && time < idleUntil,
    idleSince: (): number => idleSince,
  }
  return connection
}

export type SiteConnection = ReturnType<typeof openSiteConnection>
