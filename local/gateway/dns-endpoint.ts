import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import type { BuiltInZone, ZoneRecords } from '../dns/built-in-zone.ts'
import { zoneName } from '../dns/built-in-zone.ts'
import { readJsonBody } from './read-json-body.ts'
import { sendResult } from './send-result.ts'

/** Of records: labels of letters, digits, hyphens and underscores. */
const name = z
  .string()
  .max(254)
  .regex(/^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/i, 'must be a name in ASCII')
  .transform(zoneName)
const text = z.string().max(2000)

const recordsSchema = z.strictObject({
  TXT: z.union([text.transform((only) => [only]), z.array(text).max(50)]).default([]),
  CNAME: name.optional(),
  A: z.array(z.ipv4()).max(20).default([]),
})

export const dnsPath = '/_local/dns/'

interface Answer {
  readonly statusCode: number
  readonly body?: object
}

const nameOf = (url: URL): string => {
  const read = name.safeParse(decodeURIComponent(url.pathname.slice(dnsPath.length)))
  if (read.success) return read.data
  throw new SitewrightError('InvalidRequest', 'The path does not end in a name, such as www.example.com.')
}

const put = async (zone: BuiltInZone, request: IncomingMessage, at: string): Promise<Answer> => {
  const { TXT, CNAME, A } = await readJsonBody(request, recordsSchema)
  const records: ZoneRecords = { TXT, A, ...(CNAME === undefined ? {} : { CNAME }) }
  await zone.set(at, records)
  return { statusCode: 200, body: { name: at, ...records } }
}

const answer = async (zone: BuiltInZone, request: IncomingMessage, url: URL): Promise<Answer> => {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead && url.pathname === dnsPath) return { statusCode: 200, body: { names: zone.all() } }
  const at = nameOf(url)
  if (request.method === 'PUT') return put(zone, request, at)
  if (request.method === 'DELETE') {
    await zone.remove(at)
    return { statusCode: 204 }
  }
  if (!isRead) throw new SitewrightError('MethodNotAllowed', 'This path takes GET, PUT and DELETE.')
  const records = zone.find(at)
  if (records === undefined) throw new SitewrightError('NotFound', `Nothing is set for ${at}.`)
  return { statusCode: 200, body: { name: at, ...records } }
}

/**
 * Lets the person at this machine set what custom domains are verified by: `PUT {"TXT", "CNAME"}` in the place of all that a
 * name had, `DELETE`, and `GET` of one name or, without one, of all.
 */
export const serveDns =
  (zone: BuiltInZone) =>
  async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    response.setHeader('cache-control', 'no-store')
    try {
      const { statusCode, body } = await answer(zone, request, url)
      const content =
        body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      sendResult(request, response, { statusCode, ...content })
    } catch (error) {
      const known = error instanceof URIError ? new SitewrightError('InvalidRequest', 'The path is not valid.') : error
      if (!(known instanceof SitewrightError)) throw known
      if (known.kind === 'MethodNotAllowed') response.setHeader('allow', 'DELETE, GET, HEAD, PUT')
      sendResult(request, response, problemResponse(known))
    }
  }
