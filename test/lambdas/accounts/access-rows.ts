import { nobodysId, type Row, signedIn } from '../access-row.ts'

const of = (path: string, owner: number, body?: object): Row => ({
  request: () => ({ path, ...(body && { body }) }),
  answers: signedIn(owner, owner),
})
const named = (path: (id: string) => string, prefix: string, owner: number, body?: object): Row => ({
  ...of(path(`${prefix}_${nobodysId}`), owner, body),
  unknown: { path: path('nothing'), ...(body && { body }) },
})

export const rows: Readonly<Record<string, Row>> = {
  listAccounts: of('/v1/accounts', 200),
  listOwnInvitations: of('/v1/invitations', 200),
  acceptInvitation: named((id) => `/v1/invitations/${id}/acceptance`, 'inv', 404),
  getTeam: of('/v1/team', 200),
  inviteMember: of('/v1/team/invitations', 400, { email: 'nobody', role: 'viewer' }),
  resendInvitation: named((id) => `/v1/team/invitations/${id}/mail`, 'inv', 404),
  revokeInvitation: named((id) => `/v1/team/invitations/${id}`, 'inv', 404),
  changeMember: named((id) => `/v1/team/members/${id}`, 'prsn', 404, { role: 'viewer' }),
  removeMember: named((id) => `/v1/team/members/${id}`, 'prsn', 404),
  listTokens: of('/v1/team/tokens', 200),
  createToken: of('/v1/team/tokens', 400, { name: 'CI', role: 'owner' }),
  revokeToken: named((id) => `/v1/team/tokens/${id}`, 'tok', 404),
}
