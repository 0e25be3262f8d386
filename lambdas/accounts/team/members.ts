import { tokenHash } from '../../../core/digest.ts'
import { notFound, refuse, SitewrightError } from '../../../core/errors.ts'
import { isId } from '../../../core/ids.ts'
import { plusDays } from '../../../core/instant.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { conflict, retryOnConflict } from '../../../core/retry-on-conflict.ts'
import { findOwnSite } from '../../../core/site/change-site.ts'
import type { AccountStore } from '../ports.ts'
import type { Noting } from './invitations.ts'
import {
  type Acting,
  beginningOf,
  isAtLeast,
  type Member,
  maxTokens,
  newToken,
  type Role,
  type TeamStore,
} from './team.ts'

export interface MemberPorts extends Pick<Context, 'clocks' | 'randomness'> {
  readonly team: TeamStore
  readonly accounts: AccountStore
  readonly sites: Pick<SiteStore, 'get'>
}

/** @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` for the holder. */
const requireMember = async ({ team, accounts }: MemberPorts, { accountId }: Acting, id: string): Promise<Member> => {
  if ((await accounts.get(accountId))?.ownerId === id) {
    refuse('The holder of the account stays its owner. The account ends when they delete it.')
  }
  const member = isId('prsn', id) ? await team.member(accountId, id) : undefined
  return member ?? notFound('This account has no such member.')
}

/** @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`, `VersionConflict`. */
export const changeMember = (
  ports: MemberPorts,
  acting: Acting,
  { id, role, noting }: { readonly id: string; readonly role: Role; readonly noting: Noting },
): Promise<void> =>
  retryOnConflict(id, async () => {
    const member = await requireMember(ports, acting, id)
    if (member.role === role) return undefined
    return (await ports.team.changeMember(member, role, noting(acting.accountId, id))) ? undefined : conflict
  })

/** Removes a member, or lets one leave. @throws {SitewrightError} `Forbidden`, `NotFound`, `TransitionNotAllowed`, `VersionConflict`. */
export const removeMember = (
  ports: MemberPorts,
  acting: Acting,
  { id, noting }: { readonly id: string; readonly noting: Noting },
): Promise<void> =>
  retryOnConflict(id, async () => {
    if (id !== acting.personId && !isAtLeast(acting.rank, 'owner')) {
      throw new SitewrightError('Forbidden', `Your role in this account is '${acting.rank}'. This is for owners.`)
    }
    const member = await requireMember(ports, acting, id)
    const tokens = (await ports.team.tokens(acting.accountId)).filter(({ createdBy }) => createdBy === id)
    return (await ports.team.removeMember(member, tokens, noting(acting.accountId, id))) ? undefined : conflict
  })

interface NewToken {
  readonly name: string
  readonly role: 'viewer' | 'developer'
  readonly siteId?: string | undefined
  readonly production: boolean
  readonly days: number
}

/** @returns the token, which is stored nowhere. @throws {SitewrightError} `NotFound` for another account's site; `LimitsExceeded`. */
export const createToken = async (
  ports: MemberPorts,
  { accountId, personId, rank }: Acting,
  { siteId, days, noting, ...asked }: NewToken & { readonly noting: Noting },
): Promise<string> => {
  const { team, clocks, randomness } = ports
  const site = siteId === undefined ? undefined : await findOwnSite(ports, { siteId, accountId })
  if ((await team.tokens(accountId)).length >= maxTokens) {
    throw new SitewrightError('LimitsExceeded', `An account has at most ${maxTokens} tokens. Revoke one first.`)
  }
  const token = newToken(accountId, randomness.token())
  const [id, createdAt] = [randomness.id('tok'), clocks.wall()]
  await team.addToken(
    {
      ...{ schemaVersion: 1, id, accountId, tokenHash: tokenHash(token), beginning: beginningOf(token) },
      ...asked,
      ...(site && { siteId: site.id }),
      ...(rank === 'holder' && { byHolder: true }),
      ...{ createdBy: personId, createdAt, expiresAt: plusDays(createdAt, days) },
    },
    noting(accountId, id),
  )
  return token
}

/** @throws {SitewrightError} `NotFound`, also for a developer and another person's token. */
export const revokeToken = async (
  { team }: MemberPorts,
  { accountId, personId, rank }: Acting,
  { id, noting }: { readonly id: string; readonly noting: Noting },
): Promise<void> => {
  const token = (await team.tokens(accountId)).find((one) => one.id === id)
  if (token === undefined || (token.createdBy !== personId && !isAtLeast(rank, 'owner'))) {
    throw new SitewrightError('NotFound', 'This account has no such token, or somebody else created it.')
  }
  await team.revokeToken(token, noting(accountId, id))
}
