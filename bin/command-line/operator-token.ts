import * as z from 'zod'
import { callHost } from './operators-call.ts'
import { isPrivateUrl } from './private-url.ts'

const tokenSchema = z.object({ token: z.string() })

/**
 * The token in SITEWRIGHT_OPERATOR_TOKEN, or one that the machine itself issues.
 * @throws {Error} without a token, and for a URL to which others could read it.
 */
export const operatorToken = async (url: string, email = 'administrator@example.com'): Promise<string> => {
  const address = URL.parse(url)
  if (address === null || !isPrivateUrl(address)) {
    throw new Error('--url must begin with https://; only this machine may have http://')
  }
  const given = process.env['SITEWRIGHT_OPERATOR_TOKEN']
  if (given !== undefined && given !== '') return given
  const { status, json } = await callHost('/_local/operators', url, { body: { email, role: 'admin' } })
  const issued = tokenSchema.safeParse(json)
  if (status === 201 && issued.success) return issued.data.token
  throw new Error('Set SITEWRIGHT_OPERATOR_TOKEN to the token of an administrator (docs/operators.md).')
}
