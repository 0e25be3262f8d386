import * as z from 'zod'
import { actorSchema } from '../../events/event.ts'
import { idSchema } from '../../ids.ts'

/** Of each list the first so many are kept: in all a store's item must stay below 400 KB. The log has every one of them. */
export const mostListed = 500

const count = z.int().nonnegative()
const instant = z.iso.datetime({ precision: 3 })

/** How many there are, exactly, and the first of them. */
const listOf = <Listed extends z.ZodType>(listed: Listed) =>
  z.strictObject({ count, first: z.array(listed).max(mostListed) })

const sites = listOf(idSchema('site'))
/** Reports of before have no such list. */
const laterSites = sites.default({ count: 0, first: [] })

/** What the last reconciliation that came to its end has found. */
export const billingReportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Of all runs, those that failed included. */
  run: z.int().positive(),
  /** By the wall clock, as the log has it. */
  beganAt: instant,
  endedAt: instant,
  /** The version of the last request that was made before it began; 0 where there was none. */
  answers: count,
  /** Subscriptions that Stripe has of ours, those that have ended included. */
  subscriptions: count,
  /** Sites whose record or subscription was not as it should be, and is now. */
  repaired: sites,
  /** Subscriptions of sites that are not there, `sub_…`. */
  withoutSite: listOf(z.string().max(255)),
  /** Sites whose subscription Stripe did not list. */
  withoutSubscription: sites,
  /** Sites of a paid plan that nobody pays for, by arrangement with an operator. */
  byArrangement: sites,
  /** Sites, those that are gone included, of which a payment is disputed. */
  disputed: laterSites,
  /** Sites, those that are gone included, for which something was paid for nothing that could not be given back. */
  unreturned: laterSites,
  /** Sites that could not be reconciled. */
  left: sites,
})
export type BillingReport = z.infer<typeof billingReportSchema>

/** A list as reports have it. */
export const listed = <Listed>(all: readonly Listed[]): { readonly count: number; first: Listed[] } => ({
  count: all.length,
  first: all.slice(0, mostListed),
})

/** The reconciliation that was begun last. Without a failure it is under way, has reported, or has died. */
export const reconciliationAttemptSchema = z.object({
  /** Higher than that of every one before. */
  run: z.int().positive(),
  /** By the wall clock. */
  beganAt: instant,
  /** When it failed, and a word for what at: a kind of error, or `Unexpected`. What it says is in the log alone. */
  failure: z.strictObject({ at: instant, error: z.string() }).optional(),
})
export type ReconciliationAttempt = z.infer<typeof reconciliationAttemptSchema>

/** That an operator wants billing reconciled now: the last who did, when and why. */
export const reconciliationRequestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  version: z.int().positive(),
  /** By the wall clock. */
  at: z.iso.datetime({ precision: 3 }),
  actor: actorSchema,
  /** In the operator's words. */
  reason: z.string(),
})
export type ReconciliationRequest = z.infer<typeof reconciliationRequestSchema>
