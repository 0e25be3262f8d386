import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { SealedFor, SecretOpener, SecretSealer } from '../../lambdas/configuration/configuration.ts'
import { deriveSecret } from './derive-secret.ts'

const algorithm = 'aes-256-gcm'
/** In bytes; NIST SP 800-38D recommends both. */
const [ivLength, tagLength] = [12, 16]

/** No name, id or number has a line break, so no two purposes give the same text. */
const purposeText = ({ siteId, version, name }: SealedFor): Buffer => Buffer.from(`${siteId}\n${version}\n${name}`)

/** Seals with AES-256-GCM, under a key of the home. The purpose is authenticated with each value. */
export const createSealedSecrets = (home: { readonly siteSecretKey: string }): SecretSealer & SecretOpener => {
  const key = Buffer.from(deriveSecret(home.siteSecretKey, 'sitewright site configuration'), 'base64url')
  return {
    seal: async (purpose, value) => {
      const iv = randomBytes(ivLength)
      const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagLength }).setAAD(purposeText(purpose))
      const content = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), content]).toString('base64')
    },
    open: async (purpose, sealed) => {
      const bytes = Buffer.from(sealed, 'base64')
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivLength), { authTagLength: tagLength })
        .setAAD(purposeText(purpose))
        .setAuthTag(bytes.subarray(ivLength, ivLength + tagLength))
      return Buffer.concat([decipher.update(bytes.subarray(ivLength + tagLength)), decipher.final()]).toString('utf8')
    },
  }
}
