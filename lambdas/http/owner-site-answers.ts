import { archiveLinkSchema, archivesPageSchema } from './archives-view-schema.ts'
import { siteViewSchema } from './site-view-schema.ts'

/** What an owner is answered who does something with a site. */
export const ownerSiteAnswers = {
  getSite: { 200: { description: 'The site.', schema: siteViewSchema } },
  deleteSite: {
    200: {
      description: 'The site is suspended or archived, and `deletion` says when it is purged.',
      schema: siteViewSchema,
    },
  },
  revokeDeletion: { 200: { description: 'The deletion is cancelled.', schema: siteViewSchema } },
  extendTrial: { 200: { description: 'The site with the new end of its trial.', schema: siteViewSchema } },
  resumeSite: {
    200: { description: 'The site is active and answers once it has started.', schema: siteViewSchema },
    202: { description: 'The restore has started. The site is active once it answers.', schema: siteViewSchema },
  },
  copySite: {
    200: {
      description: 'The copy of an earlier request with this Idempotency-Key has ended.',
      schema: siteViewSchema,
      headers: { Location: 'The path of the list in this API.' },
    },
    202: {
      description: 'A copy is being taken. It is in the list once it is verified.',
      schema: siteViewSchema,
      headers: { Location: 'The path of the list in this API.' },
    },
  },
  listArchives: {
    200: { description: 'One page. A cursor means that more pages follow.', schema: archivesPageSchema },
  },
  linkToArchive: {
    200: { description: 'Anybody with the link can download the copy until it expires.', schema: archiveLinkSchema },
  },
} as const
