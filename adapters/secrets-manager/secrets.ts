import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'

interface Remembered {
  readonly values: Promise<readonly string[]>
  readonly until: number
}

const rememberedMilliseconds = 5 * 60_000

/**
 * Remembers each secret for five minutes, so that a rotation needs no restart. Questions at the same moment share a request.
 * @param options.now milliseconds of a monotonic clock.
 */
export const createSecrets = (options: { readonly client: SecretsManagerClient; readonly now?: () => number }) => {
  const { client, now = () => performance.now() } = options
  const remembered = new Map<string, Remembered>()

  const current = async (id: string): Promise<string> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }))
    if (SecretString === undefined || SecretString === '') throw new Error(`secret ${id} holds no text`)
    return SecretString
  }

  const previous = async (id: string): Promise<readonly string[]> => {
    try {
      const { SecretString } = await client.send(
        new GetSecretValueCommand({ SecretId: id, VersionStage: 'AWSPREVIOUS' }),
      )
      return SecretString === undefined || SecretString === '' ? [] : [SecretString]
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return []
      throw error
    }
  }

  const recall = (key: string, ask: () => Promise<readonly string[]>): Promise<readonly string[]> => {
    const known = remembered.get(key)
    if (known !== undefined && now() < known.until) return known.values
    const values = ask()
    const answer = { values, until: now() + rememberedMilliseconds }
    remembered.set(key, answer)
    values.catch(() => {
      if (remembered.get(key) === answer) remembered.delete(key)
    })
    return values
  }

  return {
    /** @param id the secret's ARN or name. @throws the error of Secrets Manager, without the value. */
    valueOf: async (id: string): Promise<string> => {
      const [value = ''] = await recall(`one ${id}`, async () => [await current(id)])
      return value
    },
    // Not side by side: a value that is put between the two would leave out the one that it took the place of.
    /**
     * The value and, where Secrets Manager still has it, the previous one: both are in use while a secret is rolled. @throws as
     * `valueOf`.
     */
    valuesOf: (id: string): Promise<readonly string[]> =>
      recall(`all ${id}`, async () => [await current(id), ...(await previous(id))]),
  }
}

export type Secrets = ReturnType<typeof createSecrets>
