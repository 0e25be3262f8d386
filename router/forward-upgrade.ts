import { connect, type Socket } from 'node:net'
import { sourceAddressFor } from '../adapters/containers/site-network.ts'
import type { Endpoint } from '../core/site/site.ts'
import type { AcceptedRequest } from './accept-request.ts'
import type { AttemptFailure } from './attempt-failure.ts'
import { readInTurns } from './read-in-turns.ts'
import { answerHead } from './response-headers.ts'
import type { ReadingTurns } from './turns.ts'
import { type AnswerHead, MalformedAnswer } from './upstream/answer-head.ts'
import { createAnswerReader } from './upstream/answer-reader.ts'
import { headOf } from './upstream/connection-pool.ts'
import { answerTimeoutCode } from './upstream/site-connection.ts'
import { limitConnecting } from './upstream/site-socket.ts'

export interface UpgradeAttempt {
  readonly endpoint: Endpoint
  readonly accepted: AcceptedRequest
  readonly socket: Socket
  /** Without it, what the site sends is read as it comes. */
  readonly inTurns: ReadingTurns | undefined
  /** The bytes that the visitor sent after the request. */
  readonly head: Buffer
  /** Names and values in turn, with the Connection and Upgrade that the site is to see. */
  readonly headers: string[]
  readonly answerHeaders: (raw: readonly string[], status: number) => string[]
  readonly responseHeaderMilliseconds: number
  /** The most that all fields of the answer may have, and those of interim answers. */
  readonly fieldsBytes: number
  /** How long the upgraded connection may be silent in both directions. */
  readonly idleMilliseconds: number
  /** Is told how many bytes have come, from either side, upgraded or not. */
  readonly carry: (bytes: number) => void
}

const valuesOf = (fields: readonly string[], wanted: string): string[] =>
  fields.filter((_, index) => index % 2 === 1 && fields[index - 1]?.toLowerCase() === wanted)

const isWebSocket = (fields: readonly string[]): boolean =>
  valuesOf(fields, 'upgrade').join(',').toLowerCase() === 'websocket'

/**
 * Passes on a request to upgrade. A 101 of the site makes one connection of two; any other answer is passed on whole and ends
 * the connection. Opens a connection of its own, and reads the answer as those to other requests are read.
 * @returns the failure, if there was one before an answer; undefined also where the visitor has gone.
 */
export const forwardUpgrade = (attempt: UpgradeAttempt): Promise<AttemptFailure | undefined> =>
  new Promise((resolve) => {
    const { endpoint, accepted, socket, headers, answerHeaders, responseHeaderMilliseconds, carry } = attempt
    const { method, path } = accepted
    let sent = false
    let answer: AnswerHead | undefined
    let failure: Error | undefined

    const settle = (failed?: AttemptFailure): void => {
      clearTimeout(patience)
      resolve(failed)
    }
    const onGone = (): void => {
      upstream.destroy()
      settle()
    }
    const refuse = (error: Error): void => void upstream.destroy(error)
    const patience = setTimeout(
      () => refuse(Object.assign(new Error('no answer in time'), { code: answerTimeoutCode })),
      responseHeaderMilliseconds,
    )

    const begin = (head: AnswerHead): void => {
      const { status, message, fields } = head
      if (status === 101 && !isWebSocket(fields)) throw new MalformedAnswer('the answer is none to this upgrade')
      answer = head
      settle()
      const ending = status === 101 ? ['Connection', 'Upgrade', 'Upgrade', 'websocket'] : ['Connection', 'close']
      socket.write(answerHead(status, message, [...answerHeaders(fields, status), ...ending]))
      if (status === 101) return
      // A slow visitor has as long as it takes to read it. One who ends before it is whole has gone, as with other requests.
      socket.resume().once('finish', () => closeAfterAnswer(socket))
      socket.once('end', () => void (socket.writableEnded || socket.destroy()))
    }
    const piece = (bytes: Buffer): void => {
      if (socket.write(bytes)) return
      upstream.pause()
      socket.once('drain', () => upstream.resume())
    }

    const reader = createAnswerReader()
    reader.begin(method, { head: begin, piece }, attempt.fieldsBytes, isWebSocket(headers))

    const upgrade = (rest: Buffer | undefined): void => {
      upstream.off('data', onData).off('end', onEnd).off('close', onClosed)
      socket.off('close', onGone)
      if (rest !== undefined) {
        carry(rest.length)
        socket.write(rest)
      }
      if (attempt.head.length > 0) {
        carry(attempt.head.length)
        upstream.write(attempt.head)
      }
      tieSockets(socket, upstream, carry)
      // What either side sends is activity on this socket.
      socket.setTimeout(attempt.idleMilliseconds, () => socket.destroy())
    }
    const end = (): void => {
      socket.off('close', onGone)
      upstream.destroy()
      socket.end()
    }
    const onData = (bytes: Buffer): void => {
      try {
        const { bodyBytes, rest } = reader.read(bytes)
        carry(bodyBytes)
        if (!reader.isComplete()) return
        if (answer?.status === 101) upgrade(rest)
        else end()
      } catch (error) {
        refuse(error instanceof Error ? error : new Error(String(error)))
      }
    }
    const onEnd = (): void => {
      if (reader.endsHere()) end()
      else refuse(Object.assign(new Error('the site closed the connection'), { code: 'ECONNRESET' }))
    }
    const onClosed = (): void => {
      // The visitor learns so that the answer is not whole: one without a length would be whole at the end of the connection.
      if (answer !== undefined && !reader.isComplete()) {
        if (answer.bodyBytes === undefined) socket.resetAndDestroy()
        else socket.destroy()
      }
      const error = failure ?? Object.assign(new Error('the site closed the connection'), { code: 'ECONNRESET' })
      settle({ error, neverSent: !sent, bodyTaken: false })
    }

    const upstream = connect({ ...endpoint, localAddress: sourceAddressFor(endpoint.host), allowHalfOpen: true })
    if (attempt.inTurns !== undefined) readInTurns(upstream, attempt.inTurns)
    limitConnecting(upstream, refuse)
    socket.on('close', onGone)
    upstream.on('error', (error) => {
      failure = error
    })
    upstream.on('data', onData).on('end', onEnd).on('close', onClosed)
    upstream.on('connect', () => {
      sent = true
    })
    try {
      upstream.write(headOf({ method, path, headers, body: undefined }, '').head, 'latin1')
    } catch (error) {
      refuse(error instanceof Error ? error : new Error(String(error)))
    }
  })

const lingerMilliseconds = 5000

/**
 * Drops what the visitor still sends and lets them close first, for a while: a reset could overtake the answer. Nothing that they send makes it
 * longer.
 */
export const closeAfterAnswer = (socket: Socket): void => {
  const patience = setTimeout(() => socket.destroy(), lingerMilliseconds)
  socket.resume().once('close', () => clearTimeout(patience))
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
