import { type AccountId, idSchema } from '../../core/ids.ts'
import type { ApiStage } from './api-stage.ts'

export interface SignedIn {
  readonly accountId: AccountId
  readonly headers: { readonly authorization: string }
}

/**
 * Signs somebody up, or in.
 * @param more what they enter besides their address.
 */
export const signIn = async (
  stage: ApiStage,
  email: string,
  more: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<SignedIn & { readonly signupId: string }> => {
  const { id } = (await stage.send({ method: 'POST', path: '/v1/signups', headers, body: { email, ...more } })).json
  const path = `/v1/signups/${id}/verification`
  const { json } = await stage.send({ method: 'POST', path, body: { code: stage.codeFor(email) } })
  const { account, session } = json as { account: { id: string }; session: { token: string } }
  return {
    signupId: String(id),
    accountId: idSchema('acct').parse(account.id),
    headers: { authorization: `Bearer ${session.token}` },
  }
}
