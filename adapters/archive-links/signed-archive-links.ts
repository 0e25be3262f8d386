import { createHmac } from 'node:crypto'
import { type ArchiveId, isId, type SiteId } from '../../core/ids.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import { type ArchiveLinks, type ArchivePart, type ArchiveUploads, archiveParts } from '../../core/ports/archives.ts'
import type { Clock } from '../../core/ports/context.ts'
import { deriveSecret, isSame } from '../derived-secrets/derive-secret.ts'

interface Named {
  readonly siteId: SiteId
  readonly archiveId: ArchiveId
}

export interface SignedArchiveLinks extends ArchiveLinks, ArchiveUploads {
  /** The archive that the token of a link's path names, before the name of the file; undefined where the token is not ours, or has expired. */
  readonly read: (path: string) => Named | undefined
  /** As `read`, for links to upload to. */
  readonly readUpload: (path: string) => (Named & { readonly part: ArchivePart; readonly bytes: number }) | undefined
}

/** The path of links before their token. */
export const archiveLinkPath = '/archives/'

const tenMinutes = 10 * 60_000

/**
 * Links to archives below the console's address, valid for ten minutes of the wall clock. Their token names archive and expiry.
 */
export const createSignedArchiveLinks = (options: {
  /** 43 or more characters of base64url, of which the links' own key is derived. */
  readonly secret: string
  readonly consoleUrl: string
  /** The wall clock. */
  readonly clock: Clock
}): SignedArchiveLinks => {
  const { consoleUrl, clock } = options
  const key = Buffer.from(deriveSecret(options.secret, 'sitewright archive links'), 'base64url')
  const signatureOf = (claims: string): Buffer => createHmac('sha256', key).update(claims).digest()

  const sign = (...claims: readonly (string | number)[]) => {
    const expiresAt = plusMilliseconds(clock(), tenMinutes)
    const text = [...claims, Date.parse(expiresAt)].join('.')
    return { token: `${text}.${signatureOf(text).toString('base64url')}`, expiresAt }
  }

  /** The claims of a token, without its expiry; undefined where it is not ours, or has expired. */
  const claimsOf = (path: string): readonly string[] | undefined => {
    const [token = ''] = path.split('/')
    const parts = token.split('.')
    const [signature = '', claims] = [parts.at(-1), parts.slice(0, -1)]
    const isSigned = isSame(Buffer.from(signature, 'base64url'), signatureOf(claims.join('.')))
    return isSigned && Number(claims.at(-1)) > Date.parse(clock()) ? claims.slice(0, -1) : undefined
  }

  const urlOf = (token: string, name: string): string => new URL(`${archiveLinkPath}${token}/${name}`, consoleUrl).href

  return {
    linkTo: async (siteId, archiveId, name) => {
      const { token, expiresAt } = sign(siteId, archiveId)
      return { url: urlOf(token, `${name}.tar.zst`), manifestUrl: urlOf(token, `${name}.manifest.jsonl`), expiresAt }
    },
    read: (path) => {
      const [siteId = '', archiveId = '', ...rest] = claimsOf(path) ?? []
      if (!isId('site', siteId) || !isId('arc', archiveId) || rest.length > 0) return undefined
      return { siteId, archiveId }
    },
    uploadTo: async (siteId, archiveId, part, bytes) => ({
      url: urlOf(sign(siteId, archiveId, part, bytes).token, part),
      headers: {},
    }),
    readUpload: (path) => {
      const [siteId = '', archiveId = '', named, bytes] = claimsOf(path) ?? []
      const part = archiveParts.find((one) => one === named)
      if (!isId('site', siteId) || !isId('arc', archiveId) || part === undefined) return undefined
      return { siteId, archiveId, part, bytes: Number(bytes) }
    },
  }
}
