import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'

/** Reads secrets that are plain text. */
export interface Secrets {
  /**
   * @param id the secret's ARN or name.
   * @throws whatever Secrets Manager answers; the value is in no message.
   */
  readonly valueOf: (id: string) => Promise<string>
}

interface Remembered {
  readonly value: Promise<string>
  readonly until: number
}

const rememberedMilliseconds = 5 * 60_000

/**
 * Remembers each secret for five minutes, so that one that is rotated is heard of without a restart. Questions at the same
 * moment are one request; an answer that failed is not remembered.
 * @param options.now milliseconds of a monotonic clock.
 */
export const createSecrets = ({
  client,
  now = () => performance.now(),
}: {
  readonly client: SecretsManagerClient
  readonly now?: () => number
}): Secrets => {
  const remembered = new Map<string, Remembered>()

  const ask = async (id: string): Promise<string> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }))
    if (SecretString === undefined || SecretString === '') throw new Error(`secret ${id} holds no text`)
    return SecretString
  }

  return {
    valueOf: (id) => {
      const known = remembered.get(id)
      if (known !== undefined && now() < known.until) return known.value
      const value = ask(id)
      const answer = { value, until: now() + rememberedMilliseconds }
      remembered.set(id, answer)
      value.catch(() => {
        if (remembered.get(id) === answer) remembered.delete(id)
      })
      return value
    },
  }
}
