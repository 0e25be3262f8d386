import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dispatcher, Pool } from 'undici'
import type { AcceptedRequest } from './accept-request.ts'
import type { AttemptFailure } from './attempt-failure.ts'
import { reasonPhrase } from './forward-upgrade.ts'
import type { BodyBounds } from './request-body.ts'
import { requestBody } from './request-body.ts'

export interface RequestAttempt {
  readonly pool: Pool
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly accepted: AcceptedRequest
  /** Names and values in turn. */
  readonly headers: string[]
  readonly bodyBounds: BodyBounds
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
    const { pool, request, response, accepted, headers, bodyBounds, answerHeaders } = attempt
    const upload = accepted.hasBody ? requestBody(request, bodyBounds) : undefined
    let controller: Dispatcher.DispatchController | undefined
    let sent = false
    let flowing = false
    /** How long the site says that its answer is. */
    let answerBytes: number | undefined
    let isWhole = false
    let ended = false

    const onDrain = (): void => controller?.resume()
    const onGone = (): void => {
      finish(undefined)
      controller?.abort(visitorGone())
    }
    const finish = (failure: AttemptFailure | undefined): void => {
      ended = true
      response.off('drain', onDrain).off('close', onGone)
      resolve(failure)
    }
    response.on('drain', onDrain).on('close', onGone)

    pool.dispatch(
      { method: accepted.method, path: accepted.path, headers, body: upload?.body ?? null },
      {
        onRequestStart: (started) => {
          controller = started
          if (ended) started.abort(visitorGone())
          else sent = true
        },
        onResponseStart: ({ rawHeaders }, status, fields, message) => {
          // Interim answers are for this connection: 100 was given here already, and 103 is a hint.
          if (status < 200) return
          answerBytes = Number(fields['content-length'])
          response.writeHead(status, reasonPhrase(status, message), answerHeaders(rawFields(rawHeaders), status))
          // Mostly the body's first piece comes with the fields and leaves with them. An event stream's does not.
          process.nextTick(() => {
            if (!flowing && !ended) response.flushHeaders()
          })
        },
        onResponseData: (started, chunk) => {
          bodyBounds.carry(chunk.length)
          const isJoined = !flowing && chunk.length <= joinedBytes
          flowing = true
          isWhole = isJoined && chunk.length === answerBytes
          const piece = isJoined ? chunk.toString('latin1') : chunk
          if (isWhole) response.end(piece, 'latin1')
          else if (!response.write(piece, 'latin1')) started.pause()
        },
        onResponseEnd: () => {
          finish(undefined)
          // In the same tick Node would add an empty piece to the last one, and need a gathered write for the two.
          if (!isWhole) process.nextTick(() => response.end())
        },
        onResponseError: (_controller, error) => {
          upload?.body.destroy()
          if (ended) return
          const isTooLate = response.headersSent || request.socket.destroyed
          finish(isTooLate ? undefined : { error, neverSent: !sent, bodyTaken: upload?.isTouched() ?? false })
          if (isTooLate) response.destroy()
        },
      },
    )
  })

/**
 * A first piece up to this size goes to Node as text, which joins it with the fields for one plain write: that takes a third
 * less processor time. Larger ones are not worth copying.
 */
const joinedBytes = 16_384

const visitorGone = (): Error => new Error('the visitor went away')

type RawHeaders = NonNullable<Dispatcher.DispatchController['rawHeaders']>

/** undici hands over the bytes as they came; HTTP/1.1 fields are Latin-1 (RFC 9110 §5.5). */
const rawFields = (raw: RawHeaders | null | undefined): string[] =>
  Array.isArray(raw) ? raw.map((field) => (typeof field === 'string' ? field : field.toString('latin1'))) : []
