import type { catalogue as english } from '../en/owner.ts'
import { ownerParts } from './owner-parts.ts'
import { ui } from './ui.ts'

export const catalogue: Record<keyof typeof english, string> = {
  ...ui,
  ...ownerParts,
  title: 'Ihre Websites bei {brand}',
  'sites.title': 'Ihre Websites',
  'site.parts': 'Teile der Website',
  'part.overview': 'Überblick',
  'part.plans': 'Tarif',
  'part.domains': 'Domains',
  'part.copies': 'Kopien',
  'part.sharing': 'Teilen',
  'part.history': 'Verlauf',
  'part.settings': 'Einstellungen',
}
