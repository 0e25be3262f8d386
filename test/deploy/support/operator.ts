import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import * as z from 'zod'
import { endpoint } from './emulator.ts'

const client = new CognitoIdentityProviderClient()
const redirect = 'http://localhost:8976/'

const poolAndClient = async () => {
  const { UserPools } = await client.send(new ListUserPoolsCommand({ MaxResults: 10 }))
  const UserPoolId = UserPools?.[0]?.Id
  const { UserPoolClients } = await client.send(new ListUserPoolClientsCommand({ UserPoolId }))
  const asked = { UserPoolId, ClientId: UserPoolClients?.[0]?.ClientId }
  const described = await client.send(new DescribeUserPoolClientCommand(asked))
  return { UserPoolId, id: asked.ClientId ?? '', secret: described.UserPoolClient?.ClientSecret ?? '' }
}

/** An operator whose tokens last for minutes, while the tests let days pass. */
export interface Operator {
  /** Signs in again. @returns the header of requests. */
  readonly signIn: () => Promise<{ readonly authorization: string }>
}

const password = 'A very good passw0rd!'

/** Adds an operator, who signs in at the hosted pages. Those of MiniStack ask for no second factor. */
export const addOperator = async (role: 'support' | 'sales' | 'admin', name: string): Promise<Operator> => {
  const { UserPoolId, id, secret } = await poolAndClient()
  const user = { UserPoolId, Username: `${name}@example.com` }
  // A password that MiniStack makes up does not meet the policy.
  await client.send(new AdminCreateUserCommand({ ...user, TemporaryPassword: password, MessageAction: 'SUPPRESS' }))
  await client.send(new AdminSetUserPasswordCommand({ ...user, Password: password, Permanent: true }))
  await client.send(new AdminAddUserToGroupCommand({ ...user, GroupName: role }))
  return {
    signIn: async () => {
      const asked = { client_id: id, redirect_uri: redirect, response_type: 'code', scope: 'openid email' }
      const form = new URLSearchParams({ ...asked, username: user.Username, password })
      const signedIn = await fetch(new URL('/login', endpoint()), { method: 'POST', redirect: 'manual', body: form })
      const code = new URL(signedIn.headers.get('location') ?? '').searchParams.get('code') ?? ''
      const answer = await fetch(new URL('/oauth2/token', endpoint()), {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirect, client_id: id }),
      })
      const { access_token: token } = z.object({ access_token: z.string() }).parse(await answer.json())
      return { authorization: `Bearer ${token}` }
    },
  }
}
