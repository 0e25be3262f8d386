import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync } from 'node:crypto'
import { compactJws } from './compact-jws.ts'
import { publicKeyOf } from './public-key.ts'

const secondsInUse = 24 * 60 * 60
/** A token that was signed at the last moment, at a site whose clock runs behind, still meets a valid certificate. */
const secondsBeyondUse = 10 * 60

export interface DayKey {
  readonly privateKey: KeyObject
  /** Its public part, signed by the root: what lets a site believe it. */
  readonly certificate: string
}

/**
 * Signing keys that live for a day and in memory only: what leaks with a process is of little use tomorrow, and a site
 * never learns of the change, as it knows only the root.
 * @returns the key to use at an instant, in epoch seconds.
 */
export const createDayKeys = (rootKey: KeyObject): ((now: number) => DayKey) => {
  let current: (DayKey & { readonly from: number }) | undefined
  return (now) => {
    // A wall clock that was set back must not stretch a key's life.
    if (current === undefined || now >= current.from + secondsInUse || now < current.from) {
      current = { ...certifiedKey(rootKey, now), from: now }
    }
    return current
  }
}

const certifiedKey = (rootKey: KeyObject, now: number): DayKey => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const payload = {
    iss: 'sitewright',
    exp: now + secondsInUse + secondsBeyondUse,
    key: { kty: 'OKP', crv: 'Ed25519', x: publicKeyOf(privateKey) },
  }
  return { privateKey, certificate: compactJws({ typ: 'sitewright-key+jwt' }, payload, rootKey) }
}
