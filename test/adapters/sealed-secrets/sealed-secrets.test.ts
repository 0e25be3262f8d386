import { expect, it } from 'vitest'
import { createSealedSecrets } from '../../../adapters/derived-secrets/sealed-secrets.ts'
import { sealedSecretsContract } from './contract.ts'

const sealed = (letter: string) => createSealedSecrets({ siteSecretKey: letter.repeat(43) })

sealedSecretsContract(async () => ({ ...sealed('A'), [Symbol.asyncDispose]: async () => undefined }))

it('a value that another home sealed is not opened', async () => {
  const purpose = { siteId: 'site_01jq3v5k8m0000000000000000', version: 1, name: 'KEY' } as const
  await expect(sealed('B').open(purpose, await sealed('A').seal(purpose, 'a secret'))).rejects.toThrow()
})
