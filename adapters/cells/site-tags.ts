import { isId, type SiteId } from '../../core/ids.ts'
import type { DataHome } from '../../core/site/location.ts'

/** The tags of everything that a site has on AWS. Things without them are not ours to touch. */
export const tagNames = {
  installation: 'sitewright:installation',
  site: 'sitewright:site',
  generation: 'sitewright:generation',
  digest: 'sitewright:digest',
  /** Roles of jobs have it: which try at the job is the latest, and since when. */
  attempt: 'sitewright:attempt',
  /** Services and tasks have it, for the bill: the plan at the start of the task. */
  plan: 'sitewright:plan',
} as const

/** A tag as IAM, EFS and SSM write it. */
interface Tag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

/** @param siteId undefined for what serves many sites. */
export const siteTags = (installation: string, siteId: SiteId | undefined): { Key: string; Value: string }[] => [
  { Key: tagNames.installation, Value: installation },
  ...(siteId === undefined ? [] : [{ Key: tagNames.site, Value: siteId }]),
]

/** The same as ECS writes them. */
export const ecsTags = (installation: string, siteId: SiteId | undefined) =>
  siteTags(installation, siteId).map(({ Key: key, Value: value }) => ({ key, value }))

/** The site that a thing of this installation belongs to. */
export const taggedSite = (installation: string, tags: readonly Tag[] = []): SiteId | undefined => {
  const tagged = (name: string): string | undefined => tags.find(({ Key }) => Key === name)?.Value
  const site = tagged(tagNames.site)
  return tagged(tagNames.installation) === installation && site !== undefined && isId('site', site) ? site : undefined
}

/** A site's tags, and which of its data directories a thing belongs to. */
export const homeTags = (
  installation: string,
  { siteId, generation }: Pick<DataHome, 'siteId' | 'generation'>,
): { Key: string; Value: string }[] => [
  ...siteTags(installation, siteId),
  { Key: tagNames.generation, Value: String(generation) },
]

/** Returns the data directory of a thing of this installation in a cell; untagged things belong to the first one. */
export const taggedHome = (installation: string, cell: string, tags: readonly Tag[] = []): DataHome | undefined => {
  const siteId = taggedSite(installation, tags)
  const generation = Number(tags.find(({ Key }) => Key === tagNames.generation)?.Value ?? '1')
  return siteId === undefined || !Number.isSafeInteger(generation) || generation < 1
    ? undefined
    : { siteId, cell, generation }
}
