import { createHmac, timingSafeEqual } from 'node:crypto'
import { plusMilliseconds } from '../../core/instant.ts'
import type { Clock } from '../../core/ports/context.ts'
import { deriveSecret } from '../derived-secrets/derive-secret.ts'

const validMilliseconds = 60 * 60_000

/** Passwords that push to one repository for an hour. Nothing is stored. */
export const createPushTokens = ({ secret, clock }: { readonly secret: string; readonly clock: Clock }) => {
  const key = Buffer.from(deriveSecret(secret, 'sitewright pushes'), 'base64url')
  const sign = (claims: string): Buffer => createHmac('sha256', key).update(claims).digest()
  return {
    issue: (repository: string) => {
      const expiresAt = plusMilliseconds(clock(), validMilliseconds)
      const expiry = String(Date.parse(expiresAt))
      return { password: `${expiry}.${sign(`${repository} ${expiry}`).toString('base64url')}`, expiresAt }
    },
    isValid: (repository: string, password: string): boolean => {
      const [expiry = '', signature = ''] = password.split('.')
      const [given, expected] = [Buffer.from(signature, 'base64url'), sign(`${repository} ${expiry}`)]
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
      return Number(expiry) > Date.parse(clock())
    },
  }
}

export type PushTokens = ReturnType<typeof createPushTokens>
