import { archiveLinkSchema, archivesPageSchema } from './archives-view-schema.ts'
import { siteViewSchema } from './site-view-schema.ts'

/** What an owner is answered who does something with a site. */
export const ownerSiteAnswers = {
  getSite: { 200: { description: 'The site.', schema: siteViewSchema } },
  deleteSite: {
    200: { description: 'Suspended or archived, and to be purged as `deletion` says.', schema: siteViewSchema },
  },
  revokeDeletion: { 200: { description: 'No longer to be deleted.', schema: siteViewSchema } },
  extendTrial: { 200: { description: 'With the new end of its trial.', schema: siteViewSchema } },
  resumeSite: {
    200: { description: 'Active; it answers as soon as it has started.', schema: siteViewSchema },
    202: { description: 'Being restored from its archive: active as soon as it answers.', schema: siteViewSchema },
  },
  copySite: {
    200: {
      description: 'An earlier request with this Idempotency-Key has begun a copy, which is over.',
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
    200: { description: 'Whoever has the link may download the copy until it expires.', schema: archiveLinkSchema },
  },
} as const
