import { CreateKeyCommand, DecryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { createKmsSealedSecrets } from '../../../adapters/kms/kms-sealed-secrets.ts'
import { sealedSecretsContract } from '../../adapters/sealed-secrets/contract.ts'
import { clientSettings } from '../client-settings.ts'

const open = async () => {
  const client = new KMSClient(clientSettings())
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}))
  const keyId = KeyMetadata?.Arn ?? ''
  return { client, ...createKmsSealedSecrets({ client, keyId }), [Symbol.asyncDispose]: async () => client.destroy() }
}

sealedSecretsContract(open)

it('a value in KMS is sealed for the purpose that IAM checks', async () => {
  await using sealing = await open()
  const purpose = { siteId: 'site_01jq3v5k8m0000000000000000', version: 1, name: 'KEY' } as const
  const CiphertextBlob = Buffer.from(await sealing.seal(purpose, 'a secret'), 'base64')
  const context = { purpose: 'site-configuration', site: purpose.siteId, version: '1', name: 'KEY' }
  const decrypt = (EncryptionContext: Record<string, string>) =>
    sealing.client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
  expect(Buffer.from((await decrypt(context)).Plaintext ?? []).toString()).toBe('a secret')
  await expect(decrypt({ ...context, purpose: 'another' })).rejects.toThrow()
})
