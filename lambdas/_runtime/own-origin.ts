import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { SitewrightError } from '../../core/errors.ts'

const foreign = (): SitewrightError =>
  new SitewrightError('Forbidden', 'This request came from a page of another site and was refused.')

/**
 * Admits a change by cookie only from a page of the console: a browser sends cookies with requests of any page. Browsers say
 * where a request comes from by `Sec-Fetch-Site`, `Origin` or both; one that says neither is refused.
 * @param origins of the console's pages; that of the console by default.
 * @throws {SitewrightError} `Forbidden`.
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export const requireOwnOrigin = (
  { headers, requestContext }: APIGatewayProxyEventV2,
  consoleUrl: string,
  origins: ReadonlySet<string> = new Set([new URL(consoleUrl).origin]),
): void => {
  if (requestContext.http.method === 'GET') return
  const { origin, 'sec-fetch-site': site } = headers
  if (origin === undefined && site === undefined) throw foreign()
  if (origin !== undefined && !origins.has(origin)) throw foreign()
  if (site !== undefined && site !== 'same-origin') throw foreign()
}
