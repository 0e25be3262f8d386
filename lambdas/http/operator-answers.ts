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
      description: 'One page. A cursor means that more pages follow. A page may have fewer sites than requested.',
      schema: operatorSitesSchema,
    },
  },
  operatorGetSite: { 200: { description: "The site and its owner's address.", schema: operatorSiteDetailSchema } },
  operatorListEvents: {
    200: { description: 'One page. A cursor means that more pages follow.', schema: siteEventsSchema },
  },
  operatorExtend: { 200: site('The site with the new end of its trial.') },
  operatorSuspend: { 200: site('The site is suspended.') },
  operatorResume: {
    200: site('The site is active and answers once it has started.'),
    202: site('The restore has started. The site is active once it answers.'),
  },
  operatorRestore: { 202: site('The restore has started. The site is active once it answers.') },
  operatorHold: { 200: site('The site is on hold.') },
  operatorUnhold: { 200: site('The hold has ended.') },
  operatorPurge: {
    202: site('A second operator must confirm (`purgeRequest`), or, after a confirmation, the purge has started.'),
  },
  operatorChangePlan: { 200: site('The site with its new plan.') },
} as const

/** What operators are answered. */
export const operatorAnswers = { ...siteAnswers, ...controlAnswers } as const
