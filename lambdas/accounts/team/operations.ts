import * as z from 'zod'
import { emailSchema } from '../../../core/email.ts'
import { idSchema } from '../../../core/ids.ts'
import { named } from '../../../core/named.ts'
import { forOwners } from '../../_runtime/operation.ts'
import { line, siteParams } from '../../http/input-forms.ts'
import { invitationDays, maxMembers, maxTokens, roles, tokenDays } from './team.ts'

const role = z.enum(roles)

export const teamOperations = forOwners({
  listAccounts: {
    get: '/v1/accounts',
    summary: 'List the accounts that you can act for, your own one first.',
    description: 'To act for another one than your own, send its id in the header `sitewright-account`.',
  },
  listOwnInvitations: {
    get: '/v1/invitations',
    summary: 'List the open invitations to the address that you are signed in with.',
  },
  acceptInvitation: {
    post: '/v1/invitations/{id}/acceptance',
    summary: 'Accept an invitation to the address that you are signed in with.',
    params: siteParams,
    errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
  },
  getTeam: { get: '/v1/team', summary: 'Get the members of the account and its open invitations.' },
  inviteMember: {
    post: '/v1/team/invitations',
    summary: `Invite somebody by mail. The invitation works for this address alone, for ${invitationDays} days.`,
    body: z.strictObject({ email: emailSchema, role }),
    errors: ['LimitsExceeded', 'RateLimited', 'TransitionNotAllowed', 'Unavailable'],
  },
  resendInvitation: {
    post: '/v1/team/invitations/{id}/mail',
    summary: `Mail an invitation again. It works for ${invitationDays} days from now.`,
    params: siteParams,
    errors: ['NotFound', 'RateLimited', 'Unavailable'],
  },
  revokeInvitation: {
    delete: '/v1/team/invitations/{id}',
    summary: 'Revoke an invitation.',
    params: siteParams,
    errors: ['NotFound'],
  },
  changeMember: {
    patch: '/v1/team/members/{id}',
    summary: 'Change the role of a member. The holder of the account stays an owner.',
    params: siteParams,
    body: z.strictObject({ role }),
    errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
  },
  removeMember: {
    delete: '/v1/team/members/{id}',
    summary: 'Remove a member and the tokens that they created, or leave the account.',
    params: siteParams,
    errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
  },
  listTokens: { get: '/v1/team/tokens', summary: 'List the tokens of the account. They cannot be shown again.' },
  createToken: {
    post: '/v1/team/tokens',
    summary: 'Create a token for a program, such as CI. It is shown once.',
    body: z.strictObject({
      name: line(60).describe('What it is for. Do not include personal data.'),
      role: z.enum(['viewer', 'developer']),
      siteId: z
        .string()
        .max(100)
        .optional()
        .describe('The only site that it reaches, with its environments. Without it, all sites of the account.'),
      production: z.boolean().default(false).describe('Whether it reaches `production`.'),
      days: z.int().min(1).max(tokenDays.max).default(tokenDays.usual).describe('How long it works.'),
    }),
    errors: ['NotFound', 'LimitsExceeded'],
  },
  revokeToken: {
    delete: '/v1/team/tokens/{id}',
    summary: 'Revoke a token. Its next request is refused. Developers revoke their own, and owners every one.',
    params: siteParams,
    errors: ['NotFound'],
  },
})

const instant = z.iso.datetime({ precision: 3 })
const email = z.string().nullable().describe('Null for somebody who has left.')

const accountView = named('TeamAccount', {
  id: idSchema('acct'),
  name: z.string().describe('The company, or the address of the holder.'),
  role,
  own: z.boolean().describe('Whether it is the account that you hold.'),
})

const invitationView = named('Invitation', {
  id: idSchema('inv'),
  email: z.string(),
  role,
  invitedBy: email,
  createdAt: instant.describe('When it was mailed.'),
  expiresAt: instant,
})

const memberView = named('Member', {
  id: idSchema('prsn'),
  email,
  role,
  since: instant,
  holder: z.boolean().describe('Whether the account is theirs. They cannot be removed.'),
  you: z.boolean(),
})

const tokenView = named('Token', {
  id: idSchema('tok'),
  beginning: z.string().describe('How it begins.'),
  name: z.string(),
  role: z.enum(['viewer', 'developer']),
  siteId: idSchema('site').nullable(),
  production: z.boolean(),
  createdBy: email,
  you: z.boolean().describe('Whether you created it.'),
  createdAt: instant,
  expiresAt: instant,
  usedAt: instant.nullable().describe('The last use. It may be some minutes late.'),
})

export const teamViewSchema = z.strictObject({
  /** Of the person who asks. */
  role,
  members: z.array(memberView),
  invitations: z.array(invitationView),
})
export const tokenListSchema = z.strictObject({ tokens: z.array(tokenView) })
export const accountListSchema = z.strictObject({ accounts: z.array(accountView) })
const team = (description: string) => ({ description, schema: teamViewSchema })

export const teamAnswers = {
  listAccounts: { 200: { description: 'The accounts.', schema: accountListSchema } },
  listOwnInvitations: {
    200: { description: 'The invitations.', schema: z.strictObject({ invitations: z.array(invitationView) }) },
  },
  acceptInvitation: { 200: { description: 'You are a member of this account.', schema: accountView } },
  getTeam: { 200: team('The team.') },
  inviteMember: { 201: team(`The team. An account has at most ${maxMembers} members and invitations.`) },
  resendInvitation: { 200: team('The team.') },
  revokeInvitation: { 204: { description: 'The invitation no longer works.' } },
  changeMember: { 200: team('The team.') },
  removeMember: { 204: { description: 'Their next request is refused.' } },
  listTokens: { 200: { description: 'The tokens, newest first.', schema: tokenListSchema } },
  createToken: {
    201: {
      description: `The token. An account has at most ${maxTokens}.`,
      schema: z.strictObject({ token: z.string(), tokens: tokenListSchema.shape.tokens }),
    },
  },
  revokeToken: { 204: { description: 'The token no longer works.' } },
} as const
