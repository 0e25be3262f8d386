import { issuerKeys } from '../../adapters/oidc/issuer-keys.ts'
import { createOperatorTokens } from '../../adapters/oidc/operator-tokens.ts'
import type { Clocks } from '../../core/ports/context.ts'
import type { OperatorTokens } from '../../core/ports/tokens.ts'

interface OperatorsEnvironment {
  readonly OPERATOR_ISSUER: string
  readonly OPERATOR_CLIENT: string
}

/** The tokens that the operators' user pool gives out. */
export const openOperatorTokens = (
  { OPERATOR_ISSUER: issuer, OPERATOR_CLIENT: clientId }: OperatorsEnvironment,
  { clocks }: { readonly clocks: Clocks },
): OperatorTokens => createOperatorTokens({ issuer, clientId, keys: issuerKeys(issuer), clock: clocks.wall })
