import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AcceptedRequest } from './accept-request.ts'
import { type AttemptFailure, isRead } from './attempt-failure.ts'
import { type BodyBounds, requestBody } from './request-body.ts'
import { answerHead, reasonPhrase } from './response-headers.ts'
import type { ConnectionPool } from './upstream/connection-pool.ts'
import type { AnswerBounds, Exchange } from './upstream/site-connection.ts'

export interface RequestAttempt {
  readonly pool: ConnectionPool
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly accepted: AcceptedRequest
  /** Names and values in turn. */
  readonly headers: string[]
  readonly bodyBounds: BodyBounds
  readonly answerBounds: AnswerBounds
  /** The attempt before broke, perhaps because the site closes all its connections. */
  readonly isRepeat: boolean
  /** Gives the visitor's response fields for those of the site. */
  readonly answerHeaders: (raw: readonly string[], status: number) => string[]
}

/**
 * Passes one request on and its answer back, as streams that go no faster than their reader. A visitor who leaves ends the
 * request to the site. A site that breaks off ends the visitor's connection: nothing else shows that the answer is incomplete.
 * @returns the failure, if there was one before an answer; undefined also where the visitor has gone.
 */
export const forwardRequest = (attempt: RequestAttempt): Promise<AttemptFailure | undefined> =>
  new Promise((resolve) => {
    const { pool, request, response, accepted, headers, bodyBounds, answerBounds, isRepeat, answerHeaders } = attempt
    const upload = accepted.hasBody ? requestBody(request, bodyBounds) : undefined
    let sent = false
    let flowing = false
    /** How long the site says that its answer is. */
    let answerBytes: number | undefined
    let isWhole = false
    let ended = false

    const finish = (failure: AttemptFailure | undefined): void => {
      ended = true
      response.off('drain', onDrain).off('close', onGone)
      resolve(failure)
    }
    const breakOff = (): void => {
      // For HTTP/1.0, an answer without a length is whole at the end of the connection.
      if (request.httpVersion === '1.0' && answerBytes === undefined) request.socket.resetAndDestroy()
      else response.destroy()
    }
    const fail = (error: Error): void => {
      upload?.body.destroy()
      if (ended) return
      const isTooLate = response.headersSent || request.socket.destroyed
      finish(isTooLate ? undefined : { error, neverSent: !sent, bodyTaken: upload?.isTouched() ?? false })
      if (isTooLate) breakOff()
    }

    const exchange: Exchange = {
      sent: () => {
        sent = true
      },
      // RFC 9110 §15.2: a client of HTTP/1.0 takes it for the answer. A response that waits for others has no socket.
      interim: ({ status, message, fields }) => {
        if (request.httpVersion === '1.1')
          response.socket?.write(answerHead(status, message, answerHeaders(fields, status)))
      },
      head: ({ status, message, fields, bodyBytes }) => {
        answerBytes = bodyBytes
        response.writeHead(status, reasonPhrase(status, message), answerHeaders(fields, status))
        // Mostly the body's first piece comes with the fields and leaves with them. An event stream's does not.
        process.nextTick(() => {
          // `flushHeaders` would send them as UTF-8.
          if (!flowing && !ended) response.write('', 'latin1')
        })
      },
      carried: bodyBounds.carry,
      piece: (bytes) => {
        const isJoined = !flowing && bytes.length <= joinedBytes
        flowing = true
        isWhole = isJoined && bytes.length === answerBytes
        const piece = isJoined ? bytes.toString('latin1') : Buffer.from(bytes)
        if (!isWhole) return response.write(piece, 'latin1')
        response.end(piece, 'latin1')
        return true
      },
      end: () => {
        finish(undefined)
        // In the same tick Node would add an empty piece to the last one, and need a gathered write for the two.
        if (!isWhole) process.nextTick(() => response.end())
      },
      fail,
    }
    const onDrain = (): void => running?.resume()
    const onGone = (): void => {
      finish(undefined)
      upload?.body.destroy()
      running?.abort()
    }
    response.on('drain', onDrain).on('close', onGone)

    let running: ReturnType<ConnectionPool['request']> | undefined
    try {
      const { method, path } = accepted
      const maxIdleMilliseconds =
        upload === undefined && isRead(method) ? Number.POSITIVE_INFINITY : surelyOpenMilliseconds
      running = pool.request(
        {
          method,
          path,
          headers,
          body: upload?.body,
          bounds: answerBounds,
          maxIdleMilliseconds: isRepeat ? 0 : maxIdleMilliseconds,
        },
        exchange,
      )
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)))
    }
  })

/** Servers keep an idle connection for longer than this. */
const surelyOpenMilliseconds = 500

/**
 * A first piece up to this size goes to Node as text, which joins it with the fields for one plain write: that takes a third
 * less processor time. Larger ones are not worth copying.
 */
const joinedBytes = 16_384
