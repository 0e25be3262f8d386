import type { SiteStore } from '../ports/stores.ts'
import type { BlueprintReference, Site } from '../site/site.ts'
import type { BuildOutcome } from './build-pace.ts'
import { outcomesToLookAt } from './build-pace.ts'

const outcomeOf = (site: Site): BuildOutcome | undefined => {
  if (site.status === 'failed') return { isGood: false, at: site.failure.at }
  const opened = site.completedSteps.find(({ name }) => name === 'open')
  return opened === undefined ? undefined : { isGood: true, at: opened.at }
}

/**
 * How the newest builds of this very blueprint version ended, in this cell and for whomever. A version that corrects
 * another one begins without its failures. Where nothing failed, nothing else is read.
 */
export const recentOutcomes = async (
  { sites, cell }: { readonly sites: Pick<SiteStore, 'newestByStatus'>; readonly cell: string },
  { name, version }: BlueprintReference,
): Promise<readonly BuildOutcome[]> => {
  const read = async (status: 'failed' | 'ready' | 'active'): Promise<readonly BuildOutcome[]> => {
    const newest: readonly Site[] = await sites.newestByStatus(status, outcomesToLookAt)
    return newest
      .filter((site) => site.cell === cell && site.blueprint.name === name && site.blueprint.version === version)
      .flatMap((site) => outcomeOf(site) ?? [])
  }
  const failed = await read('failed')
  return failed.length === 0 ? [] : [...failed, ...(await read('ready')), ...(await read('active'))]
}
