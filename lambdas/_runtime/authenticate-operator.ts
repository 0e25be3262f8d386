import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { SitewrightError } from '../../core/errors.ts'
import type { OperatorRole } from '../../core/events/event.ts'
import type { Operator, OperatorTokens } from '../../core/ports/tokens.ts'

export interface OperatorAuthenticationPorts {
  readonly operatorTokens: OperatorTokens
}

/** A JWS of three parts, no longer than a header may be. */
const bearerToken = ({ headers }: APIGatewayProxyEventV2): string | undefined =>
  /^Bearer +([\w-]{1,2000}\.[\w-]{1,4000}\.[\w-]{1,2000})$/i.exec(headers['authorization'] ?? '')?.[1]

/**
 * The operator of a bearer token. Cookies are ignored, so a page of another origin has nothing to send along.
 * @throws {SitewrightError} `Unauthenticated`, also for an owner's session.
 */
export const authenticateOperator = async (
  { operatorTokens }: OperatorAuthenticationPorts,
  event: APIGatewayProxyEventV2,
): Promise<Operator> => {
  const token = bearerToken(event)
  const operator = token === undefined ? undefined : await operatorTokens.verify(token)
  if (operator === undefined) throw new SitewrightError('Unauthenticated', 'This requires an operator token.')
  return operator
}

/** @throws {SitewrightError} `Forbidden` if the role does not suffice. */
export const requireRole = (operator: Operator, roles: readonly OperatorRole[]): void => {
  if (roles.includes(operator.role)) return
  throw new SitewrightError(
    'Forbidden',
    `Your role is '${operator.role}'. This requires one of the roles: ${roles.join(', ')}.`,
  )
}
