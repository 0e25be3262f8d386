import { createPublicKey } from 'node:crypto'
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { publicKeyOf, type RootSigner } from '../entitlement/root-signer.ts'

/** KMS gives it as SubjectPublicKeyInfo in DER (RFC 8410). */
const rawPublicKey = (der: Uint8Array | undefined, keyId: string): string => {
  const key = der && createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
  if (key?.asymmetricKeyType !== 'ed25519') throw new Error(`KMS key ${keyId}: expected ECC_NIST_EDWARDS25519`)
  return publicKeyOf(key)
}

/**
 * The root key as a KMS key (ECC_NIST_EDWARDS25519, SIGN_VERIFY), whose private part never leaves KMS.
 * `sign` needs `kms:Sign`, `publicKey` needs `kms:GetPublicKey`. @param options.keyId its id, ARN or alias.
 */
export const createKmsRootSigner = (options: { readonly client: KMSClient; readonly keyId: string }): RootSigner => {
  const { client, keyId } = options
  let asked: Promise<string> | undefined

  const askPublicKey = async (): Promise<string> => {
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }))
    return rawPublicKey(PublicKey, keyId)
  }

  return {
    sign: async (content) => {
      // This algorithm is Ed25519 without prehash, and takes the message itself, up to 4096 bytes.
      const { Signature } = await client.send(
        new SignCommand({ KeyId: keyId, Message: content, MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' }),
      )
      if (Signature === undefined) throw new Error(`KMS key ${keyId} gave no signature`)
      return Buffer.from(Signature)
    },
    publicKey: () => {
      // It never changes; a question that failed is asked again.
      asked ??= askPublicKey().catch((error: unknown) => {
        asked = undefined
        throw error
      })
      return asked
    },
  }
}
