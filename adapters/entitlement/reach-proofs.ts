import type { ReachProofs } from '../../core/ports/tokens.ts'
import { compactJws, type DayKeys } from './day-keys.ts'

/** The type of the proof, which no other reader of our tokens accepts. */
export const reachProofType = 'sitewright-reach+jwt'

/** @param options.seconds the wall clock in seconds since 1970. */
export const createReachProofs = ({
  dayKeys,
  seconds,
}: {
  readonly dayKeys: DayKeys
  readonly seconds: () => number
}): ReachProofs => ({
  sign: async (hostname, nonce) => {
    const now = seconds()
    const { certificate, privateKey } = dayKeys.at(now) ?? (await dayKeys.certify(now))
    // The nonce is new each time, so that the proof needs no end.
    const claims = { iss: 'sitewright', aud: hostname, nonce }
    return compactJws({ typ: reachProofType, cert: certificate }, claims, privateKey)
  },
})
