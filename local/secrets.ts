import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { replaceFile } from '../adapters/durable-files/replace-file.ts'
import { generateRootKey } from '../adapters/entitlement/root-signer.ts'
import type { Home } from './home/open-home.ts'
import { readJsonFile } from './home/read-json-file.ts'
import { StartUpError } from './home/start-up-error.ts'

const keyOf256Bits = z.base64url().length(43)

const hostSecretsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Keys the hashes of sign-in codes. 256 bits as base64url. */
  codePepper: keyOf256Bits,
  /** The Ed25519 private key, PKCS #8 as PEM. Every site gets its public half at launch. */
  entitlementRootKey: z.string().regex(/^-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END PRIVATE KEY-----\n$/),
  /** The root of all secrets of all sites. 256 bits as base64url. */
  siteSecretKey: keyOf256Bits,
})
export type HostSecrets = z.infer<typeof hostSecretsSchema>

const makeSecrets = (): HostSecrets => ({
  schemaVersion: 1,
  codePepper: randomBytes(32).toString('base64url'),
  entitlementRootKey: generateRootKey(),
  siteSecretKey: randomBytes(32).toString('base64url'),
})

/**
 * Reads `secrets.json`, or creates it in a home without a database. Call it before the engine starts.
 * @throws {StartUpError} if it is damaged, or missing although a database exists: with new secrets the running
 *   sites would trust nobody and lose the data that they had encrypted.
 */
export const readSecrets = async (
  home: Pick<Home, 'directory'> & { readonly directories: Pick<Home['directories'], 'database'> },
): Promise<HostSecrets> => {
  const path = join(home.directory, 'secrets.json')
  const file = await readJsonFile(path, hostSecretsSchema)
  if (file.found === 'content') return file.content
  const isNew = file.found === 'nothing' && (await readdir(home.directories.database)).length === 0
  if (!isNew) {
    throw new StartUpError(
      `${path} is ${file.found === 'nothing' ? 'missing' : 'damaged'}. Put it back from a backup, ` +
        'or set SITEWRIGHT_HOME to another directory to start with an empty home',
    )
  }
  const secrets = makeSecrets()
  await replaceFile(path, `${JSON.stringify(secrets, undefined, 2)}\n`)
  return secrets
}
