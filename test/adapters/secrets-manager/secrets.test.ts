import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { beforeEach, describe, expect, it } from 'vitest'
import { createSecrets } from '../../../adapters/secrets-manager/secrets.ts'
import { playAws } from '../play-aws.ts'

const id = 'arn:aws:secretsmanager:eu-central-1:1:secret:origin'
let now: number
let versions: string[]
let asked: string[]
/** Called with each question, before its answer. */
let onAsked: (version: string) => void

beforeEach(() => {
  now = 1000
  versions = ['old']
  asked = []
  onAsked = () => undefined
})

/** A store that keeps the value and the one before, as Secrets Manager does. */
const open = () => {
  const client = playAws(
    new SecretsManagerClient({ region: 'eu-central-1' }),
    ({ VersionStage = 'AWSCURRENT' }: { VersionStage?: string }, command) => {
      expect(command).toBe(GetSecretValueCommand.name)
      onAsked(VersionStage)
      asked.push(VersionStage)
      const SecretString = versions.at(VersionStage === 'AWSCURRENT' ? -1 : -2)
      if (SecretString !== undefined) return { SecretString }
      throw new ResourceNotFoundException({ message: 'There is no such version.', $metadata: {} })
    },
  )
  return createSecrets({ client, now: () => now })
}

describe('the values of a secret', () => {
  it('are one where it was never rolled', async () => {
    expect(await open().valuesOf(id)).toEqual(['old'])
  })

  it('are that of now and that of before, five minutes after it was rolled at the latest', async () => {
    const secrets = open()
    await secrets.valuesOf(id)
    versions = ['old', 'new']
    now += 5 * 60_000 - 1
    expect(await secrets.valuesOf(id)).toEqual(['old'])
    now += 1
    expect(await secrets.valuesOf(id)).toEqual(['new', 'old'])
    expect(await secrets.valueOf(id)).toBe('new')
  })

  it('are read once for all callers at the same moment', async () => {
    const secrets = open()
    await Promise.all([secrets.valuesOf(id), secrets.valuesOf(id), secrets.valuesOf(id)])
    expect(asked).toEqual(['AWSCURRENT', 'AWSPREVIOUS'])
  })

  it.each(['AWSCURRENT', 'AWSPREVIOUS'])(
    'hold the value of before where it is rolled just before %s is read',
    async (at) => {
      versions = ['older', 'old']
      onAsked = (version) => {
        if (version === at) versions = ['older', 'old', 'new']
      }
      expect(await open().valuesOf(id)).toContain('old')
    },
  )

  it('fail where the store does not answer for either of them, and are read again', async () => {
    const secrets = open()
    for (const failing of ['AWSCURRENT', 'AWSPREVIOUS']) {
      onAsked = (version) => {
        if (version === failing) throw new Error('no answer')
      }
      await expect(secrets.valuesOf(id)).rejects.toThrow('no answer')
    }
    onAsked = () => undefined
    expect(await secrets.valuesOf(id)).toEqual(['old'])
  })

  it('fail where there is no secret', async () => {
    versions = []
    await expect(open().valuesOf(id)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })
})
