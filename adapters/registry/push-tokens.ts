import { createHmac } from 'node:crypto'
import { plusMilliseconds } from '../../core/instant.ts'
import type { Clock } from '../../core/ports/context.ts'
import type { RepositoryRight } from '../../lambdas/deployments/deployment.ts'
import { deriveSecret, isSame } from '../derived-secrets/derive-secret.ts'

const validMilliseconds = 60 * 60_000

const claimsOf = (repository: string, expiry: string, right: RepositoryRight): string =>
  `${repository} ${expiry}${right === 'push' ? '' : ` ${right}`}`

/** Passwords that reach one repository for an hour, to push to it or to pull only. Nothing is stored. */
export const createPushTokens = ({ secret, clock }: { readonly secret: string; readonly clock: Clock }) => {
  const key = Buffer.from(deriveSecret(secret, 'sitewright pushes'), 'base64url')
  const sign = (claims: string): Buffer => createHmac('sha256', key).update(claims).digest()
  return {
    issue: (repository: string, right: RepositoryRight = 'push') => {
      const expiresAt = plusMilliseconds(clock(), validMilliseconds)
      const expiry = String(Date.parse(expiresAt))
      return { password: `${expiry}.${sign(claimsOf(repository, expiry, right)).toString('base64url')}`, expiresAt }
    },
    /** Whoever may push may pull. */
    isValid: (repository: string, password: string, wanted: RepositoryRight = 'push'): boolean => {
      const [expiry = '', signature = ''] = password.split('.')
      const given = Buffer.from(signature, 'base64url')
      const isSigned = (right: RepositoryRight): boolean => isSame(given, sign(claimsOf(repository, expiry, right)))
      return (isSigned('push') || (wanted === 'pull' && isSigned('pull'))) && Number(expiry) > Date.parse(clock())
    },
  }
}

export type PushTokens = ReturnType<typeof createPushTokens>
