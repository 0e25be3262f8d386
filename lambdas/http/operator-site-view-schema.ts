import * as z from 'zod'
import { operatorRoles, siteEventTypes } from '../../core/events/event.ts'
import { idSchema } from '../../core/ids.ts'
import { lifeForm } from './life-view-schema.ts'

const instant = z.iso.datetime({ precision: 3 })

const siteForm = {
  id: idSchema('site'),
  version: z.int().positive(),
  status: z.enum(['building', 'ready', 'active', 'failed', 'suspended', 'archived', 'purged']),
  accountId: idSchema('acct').nullable().meta({ description: 'Null in the pool.' }),
  hostname: z.string().nullable(),
  name: z.string().nullable(),
  url: z.url().nullable(),
  plan: z.string(),
  cell: z.string(),
  blueprint: z.strictObject({ name: z.string(), version: z.int() }),
  policyVersion: z.int(),
  createdAt: instant,
  trialEndsAt: instant.nullable(),
  extensionsUsed: z.int().nonnegative(),
  heldSince: instant.nullable(),
  reprievedUntil: instant
    .nullable()
    .meta({ description: 'When a postponed step is tried again, after a payment or a failure.' }),
  purgeRequest: z
    .strictObject({ operatorId: z.string(), at: instant, endsAt: instant })
    .nullable()
    .meta({ description: 'A purge request that a second operator can confirm until it expires.' }),
  archives: z.int().nonnegative().meta({ description: 'The number of verified copies.' }),
  ...lifeForm,
  attempts: z.int().positive().nullable().meta({ description: 'Attempts at the operation so far.' }),
  failure: z.strictObject({ step: z.string(), reason: z.string(), at: instant }).nullable(),
}

/** A site as operators see it in a list: nothing of its owner but the account. */
export const operatorSiteSchema = z.strictObject(siteForm).meta({ id: 'OperatorSite' })

export const operatorSitesSchema = z.strictObject({ sites: z.array(operatorSiteSchema), cursor: z.string().optional() })

/** The same with whom to write to. */
export const operatorSiteDetailSchema = z
  .strictObject({ ...siteForm, owner: z.strictObject({ email: z.string(), name: z.string().nullable() }).nullable() })
  .meta({ id: 'OperatorSiteDetail' })

const actor = z.union([
  z.strictObject({ kind: z.literal('system') }),
  z.strictObject({ kind: z.literal('owner'), personId: idSchema('prsn') }),
  z.strictObject({ kind: z.literal('operator'), operatorId: z.string(), role: z.enum(operatorRoles) }),
])

const eventForm = z
  .strictObject({
    id: idSchema('evt'),
    type: z.enum(siteEventTypes),
    version: z.int().positive(),
    at: instant,
    actor,
    causationId: z.string(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'SiteEvent' })

export const siteEventsSchema = z.strictObject({ events: z.array(eventForm), cursor: z.string().optional() })
