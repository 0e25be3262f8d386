import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms'
import { sealingPurpose } from '../../core/blueprint/variables.ts'
import type { SealedFor, SecretOpener, SecretSealer } from '../../lambdas/configuration/configuration.ts'

const contextOf = ({ siteId, version, name }: SealedFor) => ({
  purpose: sealingPurpose,
  site: siteId,
  version: String(version),
  name,
})

interface SealedSecretsOptions {
  readonly client: KMSClient
  readonly keyId: string
}

/**
 * Seals with a KMS key, which authenticates the purpose with each value and enters it in CloudTrail. `seal` needs `kms:Encrypt`, `open` needs
 * `kms:Decrypt`. @param options.keyId its id or ARN. It takes at most 4096 bytes.
 */
export const createKmsSealedSecrets = ({ client, keyId }: SealedSecretsOptions): SecretSealer & SecretOpener => ({
  seal: async (purpose, value) => {
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from(value), EncryptionContext: contextOf(purpose) }),
    )
    if (CiphertextBlob === undefined) throw new Error(`KMS key ${keyId} encrypted nothing`)
    return Buffer.from(CiphertextBlob).toString('base64')
  },
  open: async (purpose, sealed) => {
    const { Plaintext } = await client.send(
      new DecryptCommand({
        KeyId: keyId,
        CiphertextBlob: Buffer.from(sealed, 'base64'),
        EncryptionContext: contextOf(purpose),
      }),
    )
    if (Plaintext === undefined) throw new Error(`KMS key ${keyId} decrypted nothing`)
    return Buffer.from(Plaintext).toString('utf8')
  },
})
