import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'
import type { DevelopmentIssuer } from '../../adapters/oidc/development-issuer.ts'
import { SitewrightError } from '../../core/errors.ts'
import { operatorRoles } from '../../core/events/event.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import { readJsonBody } from './read-json-body.ts'
import { sendResult } from './send-result.ts'

const bodySchema = z.strictObject({
  email: z.email('must be an e-mail address').max(254),
  role: z.enum(operatorRoles, `must be one of: ${operatorRoles.join(', ')}`),
})

const issue = async (issuer: DevelopmentIssuer, request: IncomingMessage): Promise<object> => {
  if (request.method !== 'POST') throw new SitewrightError('MethodNotAllowed', 'This path takes POST.')
  return issuer.issue(await readJsonBody(request, bodySchema))
}

/** Gives the person at this machine the token of an operator: `POST {"email", "role"}` answers `{token, operatorId, expiresAt}`. */
export const serveOperators =
  (issuer: DevelopmentIssuer) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('cache-control', 'no-store')
    try {
      const body = JSON.stringify(await issue(issuer, request))
      sendResult(request, response, { statusCode: 201, headers: { 'content-type': 'application/json' }, body })
    } catch (error) {
      if (!(error instanceof SitewrightError)) throw error
      if (error.kind === 'MethodNotAllowed') response.setHeader('allow', 'POST')
      sendResult(request, response, problemResponse(error))
    }
  }
