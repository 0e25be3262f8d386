import type { IncomingMessage, ServerResponse } from 'node:http'
import { serveStripe } from './server.ts'
import { openStandIn, type StandIn, type StandInOptions } from './stand-in.ts'

export interface StripeStandIn extends StandIn {
  /** Answers an HTTP request below the stand-in's address. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

/** Opens the stand-in for Stripe. It continues where the last process stopped. */
export const openStripeStandIn = (options: StandInOptions): StripeStandIn => {
  const standIn = openStandIn(options)
  return { ...standIn, serve: serveStripe(standIn, new URL(options.address).pathname.replace(/\/$/, '')) }
}
