import type { DevelopmentIssuer } from '../../adapters/oidc/development-issuer.ts'
import type { BuiltInZone } from '../built-in-zone.ts'
import { standInPath } from '../open-stripe-stand-in.ts'
import { type ClockParts, dnsPath, serveClock, serveDns, serveOperators } from './local-endpoints.ts'
import { type SessionParts, serveOperatorSession } from './operator-session-endpoint.ts'
import type { Serve } from './send-result.ts'

/** The endpoints below `/_local/`, by path. They need no sign-in, so they answer this machine alone. */
export const ownEndpoints = ({
  operators,
  sessions,
  zone,
  stripe,
  clock,
}: {
  readonly operators: DevelopmentIssuer
  readonly sessions: SessionParts
  readonly zone: BuiltInZone
  /** The stand-in for Stripe. */
  readonly stripe: { readonly serve: Serve } | undefined
  readonly clock: ClockParts
}): Readonly<Record<`/_local/${string}`, Serve>> => ({
  '/_local/operators': serveOperators(operators),
  '/_local/operators/session': serveOperatorSession(sessions),
  [dnsPath]: serveDns(zone),
  ...(stripe === undefined ? {} : { [`${standInPath}/`]: stripe.serve }),
  '/_local/clock': serveClock(clock),
})
