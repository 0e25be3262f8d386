import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/context.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import type { ClockTurner } from '../clock/turn-clock.ts'
import { readJsonBody } from './read-json-body.ts'
import { sendResult } from './send-result.ts'

const bodySchema = z.strictObject({ advance: z.string().max(100) })

interface ClockParts {
  readonly now: Clock
  readonly turner: Pick<ClockTurner, 'turn'>
  /** Whether money is at stake: whoever is billed lives by the calendar. */
  readonly hasStripeKey: boolean
}

const answer = async ({ now, turner, hasStripeKey }: ClockParts, request: IncomingMessage): Promise<object> => {
  if (request.method === 'GET' || request.method === 'HEAD') return { now: now() }
  if (request.method !== 'POST') throw new SitewrightError('MethodNotAllowed', 'This path takes GET and POST.')
  const { advance } = await readJsonBody(request, bodySchema)
  if (hasStripeKey) {
    throw new SitewrightError(
      'TransitionNotAllowed',
      'STRIPE_SECRET_KEY is set, and Stripe keeps its own time: the clock is not turned.',
    )
  }
  return turner.turn(advance)
}

/** `GET` shows the clock of the deadlines; `POST {"advance":"P14D"}` turns it and answers when the work is done. */
export const serveClock =
  (parts: ClockParts) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('cache-control', 'no-store')
    try {
      const body = JSON.stringify(await answer(parts, request))
      sendResult(request, response, { statusCode: 200, headers: { 'content-type': 'application/json' }, body })
    } catch (error) {
      if (!(error instanceof SitewrightError)) throw error
      if (error.kind === 'MethodNotAllowed') response.setHeader('allow', 'GET, HEAD, POST')
      sendResult(request, response, problemResponse(error))
    }
  }
