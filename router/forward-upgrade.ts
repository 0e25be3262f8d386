import type { IncomingMessage } from 'node:http'
import { request as httpRequest, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { pipeline } from 'node:stream'
import { sourceAddressFor } from '../adapters/containers/site-network.ts'
import type { Endpoint } from '../core/site/site.ts'
import type { AcceptedRequest } from './accept-request.ts'
import type { AttemptFailure } from './attempt-failure.ts'
import { MalformedAnswer } from './upstream/answer-reader.ts'
import { answerTimeoutCode } from './upstream/site-connection.ts'

export interface UpgradeAttempt {
  readonly endpoint: Endpoint
  readonly accepted: AcceptedRequest
  readonly socket: Socket
  /** The bytes that the visitor sent after the request. */
  readonly head: Buffer
  /** Names and values in turn, with the Connection and Upgrade that the site is to see. */
  readonly headers: string[]
  readonly answerHeaders: (raw: readonly string[], status: number) => string[]
  readonly responseHeaderMilliseconds: number
  /** How long the upgraded connection may be silent in both directions. */
  readonly idleMilliseconds: number
  /** Is told how many bytes have gone through the upgraded connection, either way. */
  readonly carry: (bytes: number) => void
}

/**
 * Passes on a request to upgrade. A 101 of the site makes one connection of two; any other answer is passed on whole and ends
 * the connection. Opens a connection of its own, by Node's client.
 * @returns the failure, if there was one before an answer; undefined also where the visitor has gone.
 */
export const forwardUpgrade = (attempt: UpgradeAttempt): Promise<AttemptFailure | undefined> =>
  new Promise((resolve) => {
    const { endpoint, accepted, socket, headers, responseHeaderMilliseconds } = attempt
    let sent = false
    const outgoing = httpRequest({
      method: accepted.method,
      path: accepted.path,
      headers,
      createConnection: () =>
        connect({ ...endpoint, localAddress: sourceAddressFor(endpoint.host), allowHalfOpen: true }, () => {
          sent = true
        }),
    })
    const onGone = (): void => {
      outgoing.destroy()
      settle(undefined)
    }
    const patience = setTimeout(() => {
      outgoing.destroy(Object.assign(new Error('no answer in time'), { code: answerTimeoutCode }))
    }, responseHeaderMilliseconds)
    const settle = (failure: AttemptFailure | undefined): void => {
      clearTimeout(patience)
      socket.off('close', onGone)
      resolve(failure)
    }
    socket.on('close', onGone)
    outgoing.on('error', (error) => settle({ error, neverSent: !sent, bodyTaken: false }))
    const refuse = (stream: Socket | IncomingMessage): void => {
      stream.destroy()
      settle({ error: new MalformedAnswer('the answer is none to this upgrade'), neverSent: false, bodyTaken: false })
    }
    outgoing.on('upgrade', (answer, upstream: Socket, upstreamHead) => {
      if (answer.headers.upgrade?.toLowerCase() !== 'websocket') return refuse(upstream)
      settle(undefined)
      accept(attempt, answer, upstream, upstreamHead)
    })
    outgoing.on('response', (answer) => {
      if ((answer.statusCode ?? 0) < 200) return refuse(answer)
      settle(undefined)
      decline(attempt, answer)
    })
    outgoing.end()
  })

const accept = (attempt: UpgradeAttempt, answer: IncomingMessage, upstream: Socket, upstreamHead: Buffer): void => {
  const { socket, head, answerHeaders, idleMilliseconds, carry } = attempt
  const headers = [...answerHeaders(answer.rawHeaders, 101), 'Connection', 'Upgrade', 'Upgrade', 'websocket']
  upstream.on('error', () => {})
  socket.write(answerHead(101, answer.statusMessage, headers))
  if (upstreamHead.length > 0) socket.write(upstreamHead)
  if (head.length > 0) upstream.write(head)
  tieSockets(socket, upstream, carry)
  // What either side sends is activity on this socket.
  socket.setTimeout(idleMilliseconds, () => socket.destroy())
}

const decline = ({ socket, answerHeaders }: UpgradeAttempt, answer: IncomingMessage): void => {
  const status = answer.statusCode ?? 502
  const headers = [...answerHeaders(answer.rawHeaders, status), 'Connection', 'close']
  socket.write(answerHead(status, answer.statusMessage, headers))
  // It destroys both where one breaks off, which is how the visitor learns that the answer is not whole.
  pipeline(answer, socket, () => {})
  closeAfterAnswer(socket)
}

const lingerMilliseconds = 5000

/** A site's reason phrase, or the standard one if it has other characters than printable ASCII: Node refuses to send them. */
export const reasonPhrase = (status: number, message: string | undefined): string =>
  message && /^[\x20-\x7e]+$/.test(message) ? message : (STATUS_CODES[status] ?? '')

/** The first part of an answer as bytes, for a connection that has left Node's HTTP server. */
export const answerHead = (status: number, message: string | undefined, headers: readonly string[]): Buffer => {
  let head = `HTTP/1.1 ${status} ${reasonPhrase(status, message)}\r\n`
  for (let index = 0; index + 1 < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`
  return Buffer.from(`${head}\r\n`, 'latin1')
}

/** Drops what the visitor still sends and lets them close first, for a while: a reset could overtake the answer. */
export const closeAfterAnswer = (socket: Socket): void => {
  socket.resume()
  socket.on('finish', () => socket.setTimeout(lingerMilliseconds, () => socket.destroy()))
}

/** How long the other direction may send nothing after one has ended. */
const halfOpenMilliseconds = 60_000
/** Finds peers that vanished without a word. */
const probeMilliseconds = 30_000

/**
 * Makes one connection of two. Passes an end on as an end. Once one side is gone the other goes too: when it has received
 * everything, or by a reset where the first broke off. @param carry hears how many bytes have come, from either side.
 */
const tieSockets = (left: Socket, right: Socket, carry: (bytes: number) => void): void => {
  passOn(left, right, carry)
  passOn(right, left, carry)
}

const passOn = (from: Socket, to: Socket, carry: (bytes: number) => void): void => {
  from.setTimeout(0)
  from.setNoDelay(true)
  from.setKeepAlive(true, probeMilliseconds)
  from.pipe(to)
  from.on('data', (chunk: Buffer) => carry(chunk.length))
  from.on('end', () => {
    to.setTimeout(halfOpenMilliseconds, () => to.destroy())
  })
  from.on('close', (hadError) => {
    if (hadError) to.resetAndDestroy()
    else to.destroySoon()
  })
}
