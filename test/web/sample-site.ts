import type { Site } from '../../web/owner/site-words.ts'

export const noon = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T12:00:00.000Z`

/** A trial that runs, as the API answers it. */
export const sampleSite: Site = {
  id: 'site_01jq3v5k8m0000000000000000',
  slug: 'ada',
  hostname: 'ada.localhost',
  name: "Ada's Shop",
  url: 'http://ada.localhost/',
  mainUrl: 'http://ada.localhost/',
  status: 'active',
  plan: 'trial',
  planName: 'Trial',
  features: ['entries'],
  trialEndsAt: noon(15),
  createdAt: noon(1),
  blueprint: { name: 'welcome', version: 1 },
  trialOf: null,
  ownersOnly: false,
  sleepAfterMinutes: 30,
  progress: { percent: 100, steps: [], estimate: null },
  nextStep: { step: 'remind', at: noon(8) },
  suspended: null,
  archived: null,
  deletion: null,
  deletionDays: 7,
  extension: { left: 1, used: 0, days: 7 },
  operation: null,
  storage: null,
  downSince: null,
  relocation: null,
  handOver: null,
  credentials: null,
}
