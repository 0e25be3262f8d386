import {
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  type CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider'
import { SitewrightError } from '../../core/errors.ts'
import { type OperatorRole, operatorRoles } from '../../core/events/actor.ts'
import type { OperatorDirectory } from '../../lambdas/operators/ports.ts'

interface OperatorPoolSettings {
  readonly client: CognitoIdentityProviderClient
  readonly poolId: string
  /** Milliseconds that only grow. */
  readonly monotonic: () => number
}

/** For how long an answer is used again: so long somebody who was removed may still act. */
export const answerMilliseconds = 120_000

interface Answer {
  readonly role: OperatorRole | undefined
  readonly until: number
}

/**
 * The users of a Cognito pool: enabled ones, with the highest role among their groups. Each process remembers an answer for two
 * minutes. For users of a federated identity provider, it knows what Cognito knows: the removal there counts at the next sign-in.
 */
export const createOperatorPool = ({ client, poolId, monotonic }: OperatorPoolSettings): OperatorDirectory => {
  const answers = new Map<string, Answer>()

  const ask = async (username: string): Promise<OperatorRole | undefined> => {
    const user = { UserPoolId: poolId, Username: username }
    try {
      const [{ Enabled }, { Groups = [] }] = await Promise.all([
        client.send(new AdminGetUserCommand(user)),
        client.send(new AdminListGroupsForUserCommand({ ...user, Limit: 60 })),
      ])
      const names = Groups.map(({ GroupName }) => GroupName)
      return Enabled === true ? operatorRoles.findLast((role) => names.includes(role)) : undefined
    } catch (error) {
      if (error instanceof UserNotFoundException) return undefined
      throw new SitewrightError('Unavailable', 'Your role cannot be checked at the moment. Try again in a moment.', {
        cause: error,
      })
    }
  }

  return {
    roleOf: async ({ listedAs }) => {
      const now = monotonic()
      const known = answers.get(listedAs)
      if (known !== undefined && now < known.until) return known.role
      answers.delete(listedAs)
      const role = await ask(listedAs)
      // A refusal is not remembered, so that a new role counts at once.
      if (role !== undefined) answers.set(listedAs, { role, until: now + answerMilliseconds })
      return role
    },
  }
}

/** The secret of an app client. @throws {Error} if it has none. */
export const clientSecretOf = async (
  client: CognitoIdentityProviderClient,
  { poolId, clientId }: { readonly poolId: string; readonly clientId: string },
): Promise<string> => {
  const { UserPoolClient } = await client.send(
    new DescribeUserPoolClientCommand({ UserPoolId: poolId, ClientId: clientId }),
  )
  if (UserPoolClient?.ClientSecret === undefined) throw new Error(`the app client ${clientId} has no secret`)
  return UserPoolClient.ClientSecret
}
