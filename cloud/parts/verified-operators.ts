import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { createOperatorPool } from '../../adapters/cognito/operator-pool.ts'
import { createOperatorTokens, issuerKeys } from '../../adapters/oidc/operator-tokens.ts'
import type { CloudContext } from '../context.ts'
import { clientSettings } from './client-settings.ts'
import { waiting } from './waiting.ts'

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
