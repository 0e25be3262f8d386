import type { Course, CourseContents, CourseItem } from './course.ts'
import { childNamed, childrenNamed, lineOf, parseXml, refuse, type XmlElement } from './xml-element.ts'

const maxItems = 500
const longestLaunchData = 4096

const shown = (text: string): string => JSON.stringify(text.slice(0, 120))

/** Whether the package has a file of this path. */
type HasFile = (path: string) => boolean

/**
 * Reads the part of `imsmanifest.xml` that launches the package, without rules of sequencing.
 * @throws {Problem} 400 where it is of no known version, names nothing to launch, or launches what is not in the package.
 */
export const readManifest = (bytes: Uint8Array, hasFile: HasFile): CourseContents => {
  const manifest = parseXml(bytes)
  if (manifest.name !== 'manifest') throw refuse('is no manifest: its root has another name')
  const organizations = childNamed(manifest, 'organizations')
  const all = childrenNamed(organizations, 'organization')
  const byDefault = organizations?.attributes['default']
  const organization = all.find(({ attributes }) => attributes['identifier'] === byDefault) ?? all[0]
  const items = launchItemsOf(manifest, organization, hasFile)
  const title = lineOf(childNamed(organization, 'title')) ?? items[0]?.title ?? 'Course'
  return { title, version: scormVersionOf(manifest), items }
}

/** The values of `schemaversion`, of which 2004's second edition says "CAM 1.3"; without one, ADL's namespaces tell. */
const scormVersionOf = (manifest: XmlElement): Course['version'] => {
  const said = lineOf(childNamed(childNamed(manifest, 'metadata'), 'schemaversion'))
  const text = said ?? Object.values(manifest.attributes).join(' ')
  if ((said === undefined ? /adlcp_rootv1p2/ : /^1\.2\b/).test(text)) return '1.2'
  if ((said === undefined ? /adlcp_v1p3/ : /^(2004|CAM 1\.3|1\.3)/i).test(text)) return '2004'
  const found = said === undefined ? 'names no version' : `names the version ${shown(said)}`
  throw refuse(`${found}. SCORM 1.2 and SCORM 2004 can be played`)
}

/** The items to launch, in the order of the organization; without one, every resource that is a SCO. */
const launchItemsOf = (
  manifest: XmlElement,
  organization: XmlElement | undefined,
  hasFile: HasFile,
): CourseContents['items'] => {
  const resources = resourcesOf(manifest)
  // An item that leads nowhere is a chapter.
  const listed = itemsBelow(organization).filter(({ attributes }) => attributes['identifierref'])
  const scos = [...resources].filter(([, { isSco }]) => isSco)
  const alone = scos.map(([id]) => ({ name: 'item', attributes: { identifierref: id }, children: [], text: '' }))
  const items = (listed.length > 0 ? listed : alone).map((item) => launchItem(item, resources, hasFile))
  if (items.length === 0) throw refuse('names nothing that can be launched')
  if (items.length > maxItems) throw refuse(`has more than ${maxItems} items`)
  if (new Set(items.map(({ id }) => id)).size < items.length) throw refuse('gives one identifier to two items')
  return items
}

interface Resource {
  readonly href: string
  /** Every `xml:base` around it, from the outside in. */
  readonly bases: readonly string[]
  /** Whether it talks to its player; pictures, for example, do not. */
  readonly isSco: boolean
}

/** Every resource that says where it is launched, by its identifier. */
const resourcesOf = (manifest: XmlElement): ReadonlyMap<string, Resource> => {
  const list = childNamed(manifest, 'resources')
  return new Map(
    childrenNamed(list, 'resource').flatMap((resource) => {
      const { identifier: id, href } = resource.attributes
      if (id === undefined || href === undefined) return []
      const bases = [manifest, list, resource].flatMap((element) => element?.attributes['xml:base'] ?? [])
      // The two versions spell it differently.
      const kind = Object.entries(resource.attributes).find(([name]) => /(^|:)scormtype$/i.test(name))
      return [[id, { href, bases, isSco: kind?.[1] === 'sco' }]]
    }),
  )
}

const itemsBelow = (element: XmlElement | undefined): readonly XmlElement[] =>
  childrenNamed(element, 'item').flatMap((item) => [item, ...itemsBelow(item)])

const launchItem = (item: XmlElement, resources: ReadonlyMap<string, Resource>, hasFile: HasFile): CourseItem => {
  const { identifierref: reference = '', identifier: id = reference, parameters = '', isvisible = '' } = item.attributes
  const resource = resources.get(reference)
  if (resource === undefined) throw refuse(`has an item ${shown(id)} without a resource to launch`)
  // The two versions spell it differently.
  const data = childNamed(item, 'datafromlms') ?? childNamed(item, 'dataFromLMS')
  const launchData = data?.text.trim().slice(0, longestLaunchData).toWellFormed()
  const masteryScore = lineOf(childNamed(item, 'masteryscore'))
  return {
    id,
    title: lineOf(childNamed(item, 'title')) ?? id,
    href: launchAddress(resource, parameters, hasFile),
    ...(launchData && { launchData }),
    ...(masteryScore !== undefined && { masteryScore }),
    // An XML boolean. It does not apply to the items below.
    ...(/^\s*(false|0)\s*$/.test(isvisible) && { isHidden: true }),
  }
}

/** The address that launches a resource, percent-encoded and relative to the package. @throws {Problem} 400 */
const launchAddress = ({ href, bases }: Resource, parameters: string, hasFile: HasFile): string => {
  const refuseFor = (why: string) => refuse(`launches ${shown(href)}, which ${why}`)
  let url = URL.parse('http://package/')
  for (const address of [...bases, href]) url = URL.parse(address.trim(), url?.href)
  if (url === null) throw refuseFor('is not a valid address')
  if (url.host !== 'package' || url.protocol !== 'http:') throw refuseFor('leads out of the package')
  let path: string
  try {
    path = decodeURIComponent(url.pathname).slice(1).normalize('NFC')
  } catch {
    throw refuseFor('is not a valid address')
  }
  if (!hasFile(path)) throw refuseFor('is not in the package')
  return withParameters(`${path.split('/').map(encodeURIComponent).join('/')}${url.search}${url.hash}`, parameters)
}

/** SCORM 2004, CAM 3.4.1: parameters extend a query, and never make a second fragment. */
const withParameters = (address: string, parameters: string): string => {
  const rest = parameters.replace(/^[?&]+/, '')
  if (rest === '') return address
  if (rest.startsWith('#')) return address.includes('#') ? address : address + rest
  return `${address}${address.includes('?') ? '&' : '?'}${rest}`
}
