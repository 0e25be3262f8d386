import { createOperatorTokens, issuerKeys } from '../../adapters/oidc/operator-tokens.ts'
import type { Clocks } from '../../core/ports/clocks.ts'
import type { OperatorTokens } from '../../core/ports/operator-tokens.ts'

interface OperatorsEnvironment {
  readonly OPERATOR_ISSUER: string
  readonly OPERATOR_CLIENT: string
}

/** The tokens that the operators' user pool gives out. */
export const openOperatorTokens = (
  { OPERATOR_ISSUER: issuer, OPERATOR_CLIENT: clientId }: OperatorsEnvironment,
  { clocks }: { readonly clocks: Clocks },
): OperatorTokens => createOperatorTokens({ issuer, clientId, keys: issuerKeys(issuer), clock: clocks.wall })
