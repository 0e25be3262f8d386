import { SitewrightError } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Log } from '../../ports/context.ts'
import type { StorageMeter } from '../../ports/runtime.ts'
import { homeOf } from '../../site/data-home.ts'
import type { KeptSite } from '../../site/site.ts'

interface FitPorts {
  readonly meter: StorageMeter
  readonly log: Log
}

const mebibyte = 1_048_576

/** Who cannot measure lets it pass: the site is metered afterwards, and takes nothing new while it is full. */
const measured = async ({ meter, log }: FitPorts, site: KeptSite): Promise<number | undefined> => {
  try {
    return await meter.measure(homeOf(site))
  } catch (error) {
    log.warn({ siteId: site.id, err: error }, 'what a site stores could not be measured before its plan changes')
    return undefined
  }
}

/** Of an archived site only its copy is there, which takes less than what it unpacks to: no more than that is certain. */
const bytesOf = async (ports: FitPorts, site: KeptSite): Promise<number | undefined> =>
  site.status === 'archived' ? site.archives.find(({ kind }) => kind === 'reclaim')?.bytes : measured(ports, site)

/**
 * That a site fits a plan it is to have. Of the limits only what is stored can be exceeded for good; the others count what is
 * going on.
 * @throws {SitewrightError} `LimitsExceeded`, which says what has to go first.
 */
export const requireFit = async (ports: FitPorts, site: KeptSite, { name, limits }: Plan): Promise<void> => {
  const bytes = await bytesOf(ports, site)
  if (bytes === undefined || bytes <= limits.storageMiB * mebibyte) return
  const excess = Math.ceil(bytes / mebibyte) - limits.storageMiB
  const message = `${name} has ${limits.storageMiB} MiB, and at least ${Math.ceil(bytes / mebibyte)} MiB are used`
  throw new SitewrightError(
    'LimitsExceeded',
    `The site stores more than the plan ${name} allows. Delete ${excess} MiB of its data first, or choose a larger plan.`,
    { fields: [{ path: 'storageMiB', message }] },
  )
}
