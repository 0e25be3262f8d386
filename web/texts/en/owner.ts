import { ownerParts } from './owner-parts.ts'
import { ui } from './ui.ts'

/** The texts of the page of owners. */
export const catalogue = {
  ...ui,
  ...ownerParts,
  title: 'Your sites at {brand}',
  'sites.title': 'Your sites',
  'site.parts': 'Parts of the site',
  'part.overview': 'Overview',
  'part.plans': 'Plan',
  'part.domains': 'Domains',
  'part.copies': 'Copies',
  'part.sharing': 'Sharing',
  'part.history': 'History',
  'part.settings': 'Settings',
}
