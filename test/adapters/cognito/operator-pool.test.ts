import { CognitoIdentityProviderClient, UserNotFoundException } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { answerMilliseconds, clientSecretOf, createOperatorPool } from '../../../adapters/cognito/operator-pool.ts'
import { isErrorOfKind } from '../../../core/errors.ts'
import type { OperatorRole } from '../../../core/events/actor.ts'
import { operatorDirectoryContract } from '../operators/directory-contract.ts'

interface User {
  enabled: boolean
  groups: string[]
}

/** Cognito's answers to the three calls, as its documentation has them. */
const playedPool = () => {
  const users = new Map<string, User>()
  const calls: string[] = []
  const state = { isDown: false, milliseconds: 0 }
  const client = new CognitoIdentityProviderClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  })
  client.middlewareStack.add(
    () => async (args) => {
      const { Username = '', ClientId } = args.input as { Username?: string; ClientId?: string }
      calls.push(Username)
      if (state.isDown) throw Object.assign(new Error('slow down'), { name: 'TooManyRequestsException', $metadata: {} })
      if (ClientId !== undefined) {
        const output = { UserPoolClient: ClientId === 'public' ? {} : { ClientSecret: 'a secret' }, $metadata: {} }
        return { response: {}, output }
      }
      const user = users.get(Username)
      if (user === undefined) throw new UserNotFoundException({ message: 'User does not exist.', $metadata: {} })
      const output = { Enabled: user.enabled, Groups: user.groups.map((GroupName) => ({ GroupName })), $metadata: {} }
      return { response: {}, output }
    },
    { step: 'initialize' },
  )
  const directory = createOperatorPool({ client, poolId: 'pool', monotonic: () => state.milliseconds })
  return { users, calls, state, client, directory }
}

const who = (listedAs: string, role: OperatorRole = 'admin') => ({ operatorId: 'sub', listedAs, role })

operatorDirectoryContract('in a user pool', async () => {
  const { users, directory, state } = playedPool()
  return {
    directory,
    add: async (email, role) => {
      users.set(email, { enabled: true, groups: [role] })
      return who(email, role)
    },
    remove: async (email) => {
      users.delete(email)
    },
    forget: () => {
      state.milliseconds += answerMilliseconds
    },
  }
})

describe('the user pool of operators', () => {
  it('gives the highest role, and none to somebody disabled or without a group of ours', async () => {
    const { users, directory } = playedPool()
    users.set('both', { enabled: true, groups: ['sales', 'others', 'support'] })
    users.set('none', { enabled: true, groups: ['others'] })
    users.set('off', { enabled: false, groups: ['admin'] })
    expect(await directory.roleOf(who('both'))).toBe('sales')
    expect(await directory.roleOf(who('none'))).toBeUndefined()
    expect(await directory.roleOf(who('off'))).toBeUndefined()
  })

  it('is asked once in two minutes, so a removal counts within two', async () => {
    const { users, calls, directory, state } = playedPool()
    users.set('ada', { enabled: true, groups: ['admin'] })
    for (let request = 0; request < 5; request += 1) await directory.roleOf(who('ada'))
    expect(calls).toEqual(['ada', 'ada'])
    users.delete('ada')
    state.milliseconds = 119_999
    expect(await directory.roleOf(who('ada'))).toBe('admin')
    state.milliseconds = 120_000
    expect(await directory.roleOf(who('ada'))).toBeUndefined()
  })

  it('that does not answer is no answer: nobody is let in', async () => {
    const { users, directory, state } = playedPool()
    users.set('ada', { enabled: true, groups: ['admin'] })
    await directory.roleOf(who('ada'))
    state.isDown = true
    state.milliseconds = answerMilliseconds
    await expect(directory.roleOf(who('ada'))).rejects.toSatisfy((error) => isErrorOfKind(error, 'Unavailable'))
  })

  it('has the secret of a client', async () => {
    const { client } = playedPool()
    expect(await clientSecretOf(client, { poolId: 'pool', clientId: 'ours' })).toBe('a secret')
    await expect(clientSecretOf(client, { poolId: 'pool', clientId: 'public' })).rejects.toThrow('has no secret')
  })
})
