import { createHmac } from 'node:crypto'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { clientSecretOf, createOperatorPool } from '../../adapters/cognito/operator-pool.ts'
import { createHostedSignIn } from '../../adapters/oidc/hosted-sign-in.ts'
import { createOperatorTokens, issuerKeys } from '../../adapters/oidc/operator-tokens.ts'
import type { OperatorSignIn } from '../../lambdas/operators/ports.ts'
import type { CloudContext } from '../context.ts'
import { clientSettings } from './client-settings.ts'
import { waiting } from './waiting.ts'

/** Operators sign in on the pages of the Cognito pool. */
export const openHostedSignIn = async ({ variable, consoleUrl }: CloudContext): Promise<OperatorSignIn> => {
  const clientId = variable('OPERATOR_CLIENT')
  const client = new CognitoIdentityProviderClient(clientSettings)
  const clientSecret = await clientSecretOf(client, { poolId: variable('OPERATOR_POOL'), clientId })
  // Cognito has parameters of its own. https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
  const end = new URL(`${variable('OPERATOR_DOMAIN')}/logout`)
  end.searchParams.set('client_id', clientId)
  end.searchParams.set('logout_uri', `${consoleUrl}/operator/`)
  return {
    method: 'hosted',
    secret: createHmac('sha256', clientSecret).update('sitewright rate windows').digest('base64url'),
    provider: createHostedSignIn({
      issuer: variable('OPERATOR_ISSUER'),
      clientId,
      clientSecret,
      callbackUrl: `${consoleUrl}/v1/operator/sign-in/callback`,
      endUrl: end.href,
    }),
  }
}

/** What tells who an operator is, by token or session. */
export const openVerifiedOperators = (context: CloudContext) => {
  const issuer = context.variable('OPERATOR_ISSUER')
  const clientId = context.variable('OPERATOR_CLIENT')
  return {
    operatorTokens: createOperatorTokens({ issuer, clientId, keys: issuerKeys(issuer), clock: context.clocks.wall }),
    operatorDirectory: createOperatorPool({
      client: new CognitoIdentityProviderClient(clientSettings),
      poolId: context.variable('OPERATOR_POOL'),
      ...waiting,
    }),
  }
}
