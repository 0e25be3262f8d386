import { Problem } from '../problem.ts'
import type { CourseItem } from './course.ts'
import { childNamed, childrenNamed, lineOf, type XmlElement } from './xml-element.ts'

const maxItems = 500
const longestLaunchData = 4096

interface Resource {
  readonly href: string
  readonly bases: readonly string[]
  /** Whether it talks to its player; pictures, for example, do not. */
  readonly isSco: boolean
}

const basesOf = (elements: readonly (XmlElement | undefined)[]): readonly string[] =>
  elements.flatMap((element) => element?.attributes.get('base') ?? [])

/** Every resource that says where it is launched, by its identifier. */
const resourcesOf = (manifest: XmlElement): ReadonlyMap<string, Resource> => {
  const list = childNamed(manifest, 'resources')
  const found = new Map<string, Resource>()
  for (const resource of childrenNamed(list, 'resource')) {
    const href = resource.attributes.get('href')
    const id = resource.attributes.get('identifier')
    if (href === undefined || id === undefined) continue
    // The two versions spell it differently.
    const kind = resource.attributes.get('scormtype') ?? resource.attributes.get('scormType')
    found.set(id, { href, bases: basesOf([manifest, list, resource]), isSco: kind === 'sco' })
  }
  return found
}

const withItemsBelow = (element: XmlElement): readonly XmlElement[] =>
  childrenNamed(element, 'item').flatMap((item) => [item, ...withItemsBelow(item)])

/** The data for an item's content. The two versions spell it differently. */
const handedOver = (item: XmlElement): Pick<CourseItem, 'launchData' | 'masteryScore'> => {
  const data = childNamed(item, 'datafromlms') ?? childNamed(item, 'dataFromLMS')
  const launchData = data?.text.trim().slice(0, longestLaunchData).toWellFormed()
  const masteryScore = lineOf(childNamed(item, 'masteryscore'))
  return {
    ...(launchData === undefined || launchData === '' ? {} : { launchData }),
    ...(masteryScore === undefined ? {} : { masteryScore }),
  }
}

const itemsIn = (
  organization: XmlElement | undefined,
  resources: ReadonlyMap<string, Resource>,
  files: ReadonlySet<string>,
): readonly CourseItem[] =>
  (organization === undefined ? [] : withItemsBelow(organization)).flatMap((item) => {
    const reference = item.attributes.get('identifierref')
    // An item that leads nowhere is a chapter.
    if (reference === undefined || reference === '') return []
    const id = item.attributes.get('identifier') ?? reference
    const resource = resources.get(reference)
    if (resource === undefined) {
      const named = JSON.stringify(id.slice(0, 80))
      throw new Problem(400, `imsmanifest.xml has an item ${named} without a resource to launch.`)
    }
    const href = launchAddress(resource.href, resource.bases, item.attributes.get('parameters') ?? '', files)
    // An XML boolean. It does not apply to the items below.
    const isHidden = ['false', '0'].includes(item.attributes.get('isvisible')?.trim() ?? '')
    const title = lineOf(childNamed(item, 'title')) ?? id
    return { id, title, href, ...handedOver(item), ...(isHidden ? { isHidden } : {}) }
  })

/**
 * The items to launch, in the order of the organization; without one, every resource that is a SCO.
 * @throws {Problem} 400 where there are none, or one is not in the package.
 */
export const launchItemsOf = (
  manifest: XmlElement,
  organization: XmlElement | undefined,
  files: ReadonlySet<string>,
): readonly CourseItem[] => {
  const resources = resourcesOf(manifest)
  const organized = itemsIn(organization, resources, files)
  const alone = [...resources].filter(([, { isSco }]) => isSco)
  const items =
    organized.length > 0
      ? organized
      : alone.map(([id, { href, bases }]) => ({ id, title: id, href: launchAddress(href, bases, '', files) }))
  if (items.length === 0) throw new Problem(400, 'imsmanifest.xml names nothing that can be launched.')
  if (items.length > maxItems) throw new Problem(400, `imsmanifest.xml has more than ${maxItems} items.`)
  if (new Set(items.map(({ id }) => id)).size < items.length) {
    throw new Problem(400, 'imsmanifest.xml gives one identifier to two items.')
  }
  return items
}

const root = 'http://package/'

const refuse = (address: string, why: string): Problem =>
  new Problem(400, `imsmanifest.xml launches ${JSON.stringify(address.slice(0, 120))}, which ${why}.`)

const pathOf = (address: string, url: URL): string => {
  try {
    return decodeURIComponent(url.pathname).slice(1).normalize('NFC')
  } catch {
    throw refuse(address, 'is not a valid address')
  }
}

/** SCORM 2004, CAM 3.4.1: parameters extend a query, and never make a second fragment. */
const withParameters = (address: string, parameters: string): string => {
  const rest = parameters.replace(/^[?&]+/, '')
  if (rest === '') return address
  if (rest.startsWith('#')) return address.includes('#') ? address : address + rest
  return `${address}${address.includes('?') ? '&' : '?'}${rest}`
}

/**
 * The address that launches a resource, percent-encoded and relative to the package.
 * @param bases every `xml:base` around it, from the outside in. @param files every path in the package.
 * @throws {Problem} 400 where the package has nothing there.
 */
const launchAddress = (
  address: string,
  bases: readonly string[],
  parameters: string,
  files: ReadonlySet<string>,
): string => {
  let url = URL.parse(root)
  for (const base of [...bases, address]) url = URL.parse(base.trim(), url?.href)
  if (url === null) throw refuse(address, 'is not a valid address')
  if (url.host !== 'package' || url.protocol !== 'http:') throw refuse(address, 'leads out of the package')
  const path = pathOf(address, url)
  if (!files.has(path)) throw refuse(address, 'is not in the package')
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return withParameters(`${encoded}${url.search}${url.hash}`, parameters)
}
