import { randomUUID } from 'node:crypto'
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createSecrets } from '../../../adapters/secrets-manager/secrets.ts'
import { clientSettings } from '../client-settings.ts'

const client = new SecretsManagerClient(clientSettings())
const asked: string[] = []
client.middlewareStack.add(
  (next, context) => (call) => {
    if (context['commandName'] === GetSecretValueCommand.name) asked.push('a value')
    return next(call)
  },
  { step: 'initialize', name: 'countedByTest' },
)
afterAll(() => client.destroy())

const make = async (value: { SecretString: string } | { SecretBinary: Buffer }) => {
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: randomUUID(), ...value }))
  return ARN
}

describe('a secret', () => {
  let arn: string
  let now: number
  const open = () => createSecrets({ client, now: () => now })

  beforeEach(async () => {
    now = 1_000_000
    arn = await make({ SecretString: 'the first value' })
    asked.length = 0
  })

  it('is found by its ARN', async () => {
    expect(await open().valueOf(arn)).toBe('the first value')
  })

  it('is read once for all callers at the same moment, and each other secret as well', async () => {
    const secrets = open()
    const other = await make({ SecretString: 'another' })
    const values = await Promise.all([arn, other, arn, other, arn].map((id) => secrets.valueOf(id)))
    expect(values).toEqual(['the first value', 'another', 'the first value', 'another', 'the first value'])
    expect(asked).toHaveLength(2)
  })

  it('is remembered for five minutes, and a new value is read after that', async () => {
    const secrets = open()
    await secrets.valueOf(arn)
    await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: 'the second value' }))
    now += 5 * 60_000 - 1
    expect(await secrets.valueOf(arn)).toBe('the first value')
    now += 1
    expect(await secrets.valueOf(arn)).toBe('the second value')
    expect(asked).toHaveLength(2)
  })

  it('is taken with its value of before while it is rolled, until that is taken out of use', async () => {
    const secrets = open()
    expect(await secrets.valuesOf(arn)).toEqual(['the first value'])
    const { VersionId: first } = await client.send(new GetSecretValueCommand({ SecretId: arn }))
    await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: 'the second value' }))
    now += 5 * 60_000
    expect(await secrets.valuesOf(arn)).toEqual(['the second value', 'the first value'])
    await client.send(
      new UpdateSecretVersionStageCommand({ SecretId: arn, VersionStage: 'AWSPREVIOUS', RemoveFromVersionId: first }),
    )
    now += 5 * 60_000
    expect(await secrets.valuesOf(arn)).toEqual(['the second value'])
  })

  it('that is not there fails, and is read again', async () => {
    const secrets = open()
    await client.send(new DeleteSecretCommand({ SecretId: arn, ForceDeleteWithoutRecovery: true }))
    await expect(secrets.valueOf(arn)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    await expect(secrets.valueOf(arn)).rejects.toThrow()
    expect(asked).toHaveLength(2)
  })

  it('that holds no text fails by its name alone', async () => {
    const binary = await make({ SecretBinary: Buffer.from('bytes that nobody may see') })
    const reading = open().valueOf(binary)
    await expect(reading).rejects.toThrow(`secret ${binary} holds no text`)
    await expect(reading).rejects.not.toThrow('bytes')
  })
})
