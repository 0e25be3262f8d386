import { createHmac, timingSafeEqual } from 'node:crypto'
import { type ArchiveId, isId, type SiteId } from '../../core/ids.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { ArchiveLinks } from '../../core/ports/archives.ts'
import type { Clock } from '../../core/ports/context.ts'
import { deriveSecret } from '../derived-secrets/derive-secret.ts'

export interface SignedArchiveLinks extends ArchiveLinks {
  /** The archive that the token of a link's path names, before the name of the file; undefined where the token is not ours, or has expired. */
  readonly read: (path: string) => { readonly siteId: SiteId; readonly archiveId: ArchiveId } | undefined
}

/** The path of links before their token. */
export const archiveLinkPath = '/archives/'

const tenMinutes = 10 * 60_000

/**
 * Links to archives below the console's address, valid for ten minutes of the wall clock. Their token names archive and expiry.
 */
export const createSignedArchiveLinks = ({
  secret,
  consoleUrl,
  clock,
}: {
  /** 43 or more characters of base64url, of which the links' own key is derived. */
  readonly secret: string
  readonly consoleUrl: string
  /** The wall clock. */
  readonly clock: Clock
}): SignedArchiveLinks => {
  const key = Buffer.from(deriveSecret(secret, 'sitewright archive links'), 'base64url')
  const signatureOf = (claims: string): Buffer => createHmac('sha256', key).update(claims).digest()

  const isSigned = (claims: string, signature: string): boolean => {
    const expected = signatureOf(claims)
    const given = Buffer.from(signature, 'base64url')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  return {
    linkTo: async (siteId, archiveId, name) => {
      const expiresAt = plusMilliseconds(clock(), tenMinutes)
      const claims = `${siteId}.${archiveId}.${Date.parse(expiresAt)}`
      const token = `${claims}.${signatureOf(claims).toString('base64url')}`
      return { url: new URL(`${archiveLinkPath}${token}/${name}.tar.zst`, consoleUrl).href, expiresAt }
    },
    read: (path) => {
      const [token = ''] = path.split('/')
      const [siteId = '', archiveId = '', expiry = '', signature = '', ...rest] = token.split('.')
      if (!isId('site', siteId) || !isId('arc', archiveId) || rest.length > 0) return undefined
      if (!isSigned(`${siteId}.${archiveId}.${expiry}`, signature)) return undefined
      return Number(expiry) > Date.parse(clock()) ? { siteId, archiveId } : undefined
    },
  }
}
