import { controlAnswers } from './control-answers.ts'
import {
  operatorSiteDetailSchema,
  operatorSiteSchema,
  operatorSitesSchema,
  siteEventsSchema,
} from './operator-site-view-schema.ts'

const site = (description: string) => ({ description, schema: operatorSiteSchema })

const siteAnswers = {
  operatorListSites: {
    200: {
      description: 'One page. With a cursor in it there are more; a page may hold fewer than asked for.',
      schema: operatorSitesSchema,
    },
  },
  operatorGetSite: { 200: { description: 'The site, and whom to write to.', schema: operatorSiteDetailSchema } },
  operatorListEvents: {
    200: { description: 'One page. A cursor means that more pages follow.', schema: siteEventsSchema },
  },
  operatorExtend: { 200: site('With the new end of its trial.') },
  operatorSuspend: { 200: site('Suspended.') },
  operatorResume: {
    200: site('Active; it answers as soon as it has started.'),
    202: site('Being restored from its archive: active as soon as it answers.'),
  },
  operatorRestore: { 202: site('Being restored from its archive: active as soon as it answers.') },
  operatorHold: { 200: site('On hold.') },
  operatorUnhold: { 200: site('No longer on hold.') },
  operatorPurge: {
    202: site('Another operator has to agree, as `purgeRequest` says; or, where one has, it is being purged.'),
  },
  operatorChangePlan: { 200: site('Under its new plan.') },
} as const

/** What operators are answered. */
export const operatorAnswers = { ...siteAnswers, ...controlAnswers } as const
