import { operatorRoles } from '../../core/events/actor.ts'
import type { ApiStage } from './api-stage.ts'
import type { HttpRequest } from './http-request.ts'

type Role = (typeof operatorRoles)[number]
export type Who = 'nobody' | 'owner' | 'other owner' | Role
export const everybody: readonly Who[] = ['nobody', 'owner', 'other owner', ...operatorRoles]

export interface Scene {
  readonly stage: ApiStage
  readonly signupId: string
  readonly siteId: string
  /** What only the owner may read. */
  /** The owner's; it has a lead. */
  readonly accountId: string
  readonly secrets: readonly string[]
}

export interface Row {
  /** Asks for something of the owner, where there is such a thing. */
  readonly request: (scene: Scene) => Omit<HttpRequest, 'method'>
  /** The status that each gets. */
  readonly answers: Readonly<Record<Who, number>>
  /** The same for something that does not exist: an other owner must not see a difference. */
  readonly unknown?: Omit<HttpRequest, 'method'>
}

export const nobodysId = '01jq3v5k8m0000000000000000'

export const same = (status: number): Row['answers'] => ({
  nobody: status,
  owner: status,
  'other owner': status,
  support: status,
  sales: status,
  admin: status,
})

/** What needs a session: an operator's token is none. */
export const signedIn = (owner: number, other: number): Row['answers'] => ({
  ...same(401),
  owner,
  'other owner': other,
})

/** What needs an operator of one of these roles: an owner's session is none. */
export const staff = (status: number, ...roles: readonly Role[]): Row['answers'] => ({
  ...same(401),
  ...Object.fromEntries(operatorRoles.map((role) => [role, roles.includes(role) ? status : 403])),
})

/** What an owner does with a site. That of the scene is being built, so nothing comes of it. */
export const ofSite = (what: string, owner: number, body?: object, query?: Readonly<Record<string, string>>): Row => ({
  request: ({ siteId }) => ({ path: `/v1/sites/${siteId}${what}`, ...(body && { body }), ...(query && { query }) }),
  answers: signedIn(owner, 404),
  unknown: { path: `/v1/sites/site_${nobodysId}${what}`, ...(body && { body }), ...(query && { query }) },
})

export const choice = { plan: 'starter', interval: 'month' } as const

/** The same for operators. */
export const onSite = (what: string, answers: Row['answers'], body?: object): Row => ({
  request: ({ siteId }) => ({ path: `/v1/operator/sites/${siteId}${what}`, ...(body && { body }) }),
  answers,
})
/** What operators do with the place as a whole. */
export const onPlace = (what: string, answers: Row['answers'], body?: object): Row => ({
  request: () => ({ path: `/v1/operator${what}`, ...(body && { body }) }),
  answers,
})
export const onLead = (answers: Row['answers'], body?: object): Row => ({
  request: ({ accountId }) => ({ path: `/v1/operator/leads/${accountId}`, ...(body && { body }) }),
  answers,
})
export const reason = { reason: 'a test' }
