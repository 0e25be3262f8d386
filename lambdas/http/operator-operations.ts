import * as z from 'zod'
import { takesNothing } from '../_runtime/operation.ts'
import { controlOperations } from './control-operations.ts'
import { durationForm } from './duration-form.ts'
import { line, pageQuery, siteParams } from './input-forms.ts'

const everybody = ['support', 'sales', 'admin'] as const
const support = ['support', 'admin'] as const
const sales = ['sales', 'admin'] as const
const admin = ['admin'] as const

const reason = line(500).meta({ description: 'The reason, for the history of the site. Do not include personal data.' })

const always = ['NotFound', 'TransitionNotAllowed', 'VersionConflict'] as const

const act = {
  ...takesNothing,
  method: 'POST',
  audience: 'operator',
  params: siteParams,
  body: z.strictObject({ reason }),
} as const

/** Operators' operations on sites, with their roles. */
const siteOperations = {
  operatorListSites: {
    ...takesNothing,
    id: 'operatorListSites',
    method: 'GET',
    path: '/v1/operator/sites',
    audience: 'operator',
    roles: everybody,
    summary: 'List sites, newest first; with dueBefore, by deadline, earliest first.',
    query: z.strictObject({
      status: z.enum(['building', 'ready', 'active', 'failed', 'suspended', 'archived', 'purged']).optional(),
      owner: z.email().max(254).optional().meta({ description: 'The e-mail address of the owner.' }),
      hostname: z.string().max(255).optional(),
      dueBefore: z.iso.datetime({ offset: true }).optional(),
      ...pageQuery,
    }),
    errors: [],
  },
  operatorGetSite: {
    ...takesNothing,
    id: 'operatorGetSite',
    method: 'GET',
    path: '/v1/operator/sites/{id}',
    audience: 'operator',
    roles: everybody,
    summary: 'Get a site of any owner.',
    params: siteParams,
    errors: ['NotFound'],
  },
  operatorListEvents: {
    ...takesNothing,
    id: 'operatorListEvents',
    method: 'GET',
    path: '/v1/operator/sites/{id}/events',
    audience: 'operator',
    roles: everybody,
    summary: 'List the history of a site, newest first.',
    params: siteParams,
    query: z.strictObject(pageQuery),
    errors: ['NotFound'],
  },
  operatorExtend: {
    ...act,
    id: 'operatorExtend',
    path: '/v1/operator/sites/{id}/extend',
    roles: everybody,
    summary: 'Extend a trial from now or its end, whichever is later. It does not resume the site.',
    body: z.strictObject({ by: durationForm, reason }),
    errors: always,
  },
  operatorSuspend: {
    ...act,
    id: 'operatorSuspend',
    path: '/v1/operator/sites/{id}/suspend',
    roles: support,
    summary: 'Suspend a site and keep its data. Its owner cannot resume it.',
    errors: always,
  },
  operatorResume: {
    ...act,
    id: 'operatorResume',
    path: '/v1/operator/sites/{id}/resume',
    roles: everybody,
    summary: 'Resume a site, from its archive if necessary. Extend an ended trial first.',
    errors: [...always, 'OperationInProgress'],
  },
  operatorRestore: {
    ...act,
    id: 'operatorRestore',
    path: '/v1/operator/sites/{id}/restore',
    roles: everybody,
    summary: 'Restore an archived site. Extend an ended trial first.',
    errors: [...always, 'OperationInProgress'],
  },
  operatorHold: {
    ...act,
    id: 'operatorHold',
    path: '/v1/operator/sites/{id}/hold',
    roles: support,
    summary: 'Put a hold on a site: deadlines neither archive nor purge it.',
    errors: always,
  },
  operatorUnhold: {
    ...act,
    id: 'operatorUnhold',
    path: '/v1/operator/sites/{id}/unhold',
    roles: support,
    summary: 'End a hold. The deadlines apply again.',
    errors: always,
  },
  operatorPurge: {
    ...act,
    id: 'operatorPurge',
    path: '/v1/operator/sites/{id}/purge',
    roles: admin,
    summary: 'Purge a suspended or archived site. A second operator must confirm within 24 hours.',
    errors: [...always, 'OperationInProgress'],
  },
  operatorChangePlan: {
    ...act,
    id: 'operatorChangePlan',
    path: '/v1/operator/sites/{id}/plan',
    roles: sales,
    summary: 'Change the plan of a site by agreement.',
    body: z.strictObject({ plan: z.string().max(64), reason }),
    errors: always,
  },
} as const

/** All operations of operators: the only table of roles. */
export const operatorOperations = { ...siteOperations, ...controlOperations } as const
