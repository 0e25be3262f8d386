import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Log } from '../../core/ports/context.ts'
import type { ReachProofs } from '../../core/ports/tokens.ts'
import { publicKeyOf, type RootSigner } from './root-signer.ts'

const secondsInUse = 24 * 60 * 60
/** The root may be a service that is away for a while: the next key is requested while the present one is valid. */
const secondsUntilRenewal = 23 * 60 * 60
const secondsBetweenRenewals = 30
/** A token that was signed at the last moment, at a site whose clock runs behind, still meets a valid certificate. */
const secondsBeyondUse = 10 * 60

interface DayKey {
  readonly privateKey: KeyObject
  /** Its public part, signed by the root: what lets a site believe it. */
  readonly certificate: string
}

interface DatedKey extends DayKey {
  readonly from: number
}

/**
 * Signing keys that live in memory for a day at most: a leaked one is soon useless, and a site knows only the root, so it never
 * learns of the change. While one is valid, a failing root does no harm.
 */
export const createDayKeys = (root: RootSigner, log?: Pick<Log, 'warn'>) => {
  let current: DatedKey | undefined
  let underWay: Promise<DatedKey> | undefined
  let renewedAt = Number.NEGATIVE_INFINITY

  const certify = (now: number): Promise<DatedKey> => {
    underWay ??= certifiedKey(root, now)
      .then((key) => {
        current = key
        return key
      })
      .finally(() => {
        underWay = undefined
      })
    return underWay
  }

  const renew = (now: number): void => {
    if (Math.abs(now - renewedAt) < secondsBetweenRenewals) return
    renewedAt = now
    // The present key stays in use, and a later request retries.
    certify(now).catch((error: unknown) => {
      const secondsLeft = current === undefined ? 0 : current.from + secondsInUse - now
      log?.warn(
        { err: error, secondsLeft },
        'the next signing key could not be certified; the present one stays in use',
      )
    })
  }

  return {
    /** The key to use at an instant; undefined where it has to be certified first. Renews it in good time. */
    at: (now: number): DayKey | undefined => {
      // A wall clock that was set back must not stretch a key's life.
      if (current === undefined || now < current.from || now >= current.from + secondsInUse) return undefined
      const key = current
      if (now >= key.from + secondsUntilRenewal) renew(now)
      return key
    },
    /** Has a key certified. Callers at the same time share it. @throws whatever the root signer throws. */
    certify,
  }
}

export type DayKeys = ReturnType<typeof createDayKeys>

const certifiedKey = async (root: RootSigner, now: number): Promise<DatedKey> => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const content = jwsContent(
    { typ: 'sitewright-key+jwt' },
    {
      iss: 'sitewright',
      exp: now + secondsInUse + secondsBeyondUse,
      key: { kty: 'OKP', crv: 'Ed25519', x: publicKeyOf(privateKey) },
    },
  )
  const signature = await root.sign(Buffer.from(content))
  return { privateKey, certificate: `${content}.${signature.toString('base64url')}`, from: now }
}

interface Header {
  readonly typ: string
  readonly cert?: string
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The signed part of a compact JWS (RFC 7515) under an Ed25519 key (RFC 8037). */
const jwsContent = (header: Header, payload: object): string => `${part({ alg: 'EdDSA', ...header })}.${part(payload)}`

/**
 * A compact JWS. Node signs in 22 µs at once, where Web Crypto takes 70 µs and a promise, in which two requests could both
 * sign.
 */
export const compactJws = (header: Header, payload: object, key: KeyObject): string => {
  const content = jwsContent(header, payload)
  return `${content}.${sign(null, Buffer.from(content), key).toString('base64url')}`
}

/** The type of the proof, which no other reader of our tokens accepts. */
export const reachProofType = 'sitewright-reach+jwt'

/** @param seconds the wall clock in seconds since 1970. */
export const createReachProofs = (dayKeys: DayKeys, seconds: () => number): ReachProofs => ({
  sign: async (hostname, nonce) => {
    const now = seconds()
    const { certificate, privateKey } = dayKeys.at(now) ?? (await dayKeys.certify(now))
    // The nonce is new each time, so that the proof needs no end.
    const claims = { iss: 'sitewright', aud: hostname, nonce }
    return compactJws({ typ: reachProofType, cert: certificate }, claims, privateKey)
  },
})
