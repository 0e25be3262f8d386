import type { components } from '../api/openapi.d.ts'
import type { consoles } from '../texts/catalogues/consoles.ts'
import type { Fact } from './panel.tsx'
import { usePageOf } from './use-page.ts'

export type Relocation = components['schemas']['Relocation']

/** A contract, or nothing without one. */
export const useContractFacts = (contract: Relocation['contract']): readonly Fact[] => {
  const { t, format } = usePageOf<keyof typeof consoles>()
  if (contract === null) return []
  const { number, firstDay, lastDay } = contract
  const days = { first: format.date(firstDay), last: format.date(lastDay) }
  return [[t('relocation.contract'), t('relocation.contract-of', { number, ...days })]]
}

/** When a relocation happens, in the time zone in which people agreed on it and in UTC, and its contract. */
export const useRelocationFacts = ({ window, contract }: Relocation): readonly Fact[] => {
  const { t, format } = usePageOf<keyof typeof consoles>()
  const windows = format.windows(window).map(([zone, text]): Fact => [t('relocation.window', { zone }), text])
  return [...windows, ...useContractFacts(contract)]
}
