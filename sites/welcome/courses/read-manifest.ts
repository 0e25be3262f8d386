import { Problem } from '../problem.ts'
import type { CourseContents, ScormVersion } from './course.ts'
import { launchItemsOf } from './launch-items.ts'
import { childNamed, childrenNamed, lineOf, parseXml, type XmlElement } from './xml-element.ts'

/** Reads the part of `imsmanifest.xml` that launches the package, without rules of sequencing. @throws {Problem} 400 */
export const readManifest = async (bytes: Uint8Array, files: ReadonlySet<string>): Promise<CourseContents> => {
  const manifest = await parseXml(bytes)
  if (manifest.name !== 'manifest') throw new Problem(400, 'imsmanifest.xml is no manifest: its root has another name.')
  const version = scormVersionOf(manifest)
  const organizations = childNamed(manifest, 'organizations')
  const all = childrenNamed(organizations, 'organization')
  const byDefault = organizations?.attributes.get('default')
  const organization = all.find(({ attributes }) => attributes.get('identifier') === byDefault) ?? all[0]
  const items = launchItemsOf(manifest, organization, files)
  return { title: lineOf(childNamed(organization, 'title')) ?? items[0]?.title ?? 'Course', version, items }
}

/** The values of `schemaversion`: 2004's second edition says "CAM 1.3". */
const versionIn = (schemaVersion: string): ScormVersion | undefined => {
  if (/^1\.2\b/.test(schemaVersion)) return '1.2'
  return /^(2004|CAM 1\.3|1\.3)/i.test(schemaVersion) ? '2004' : undefined
}

/** ADL's namespaces, for manifests that leave the version out. */
const versionOfNamespace = (manifest: XmlElement): ScormVersion | undefined => {
  const values = [...manifest.attributes.values()].join(' ')
  if (values.includes('adlcp_rootv1p2')) return '1.2'
  return values.includes('adlcp_v1p3') ? '2004' : undefined
}

/** @throws {Problem} 400 where the manifest is of neither. */
const scormVersionOf = (manifest: XmlElement): ScormVersion => {
  const said = childNamed(childNamed(manifest, 'metadata'), 'schemaversion')?.text.trim() ?? ''
  const version = said === '' ? versionOfNamespace(manifest) : versionIn(said)
  if (version !== undefined) return version
  const found = said === '' ? 'names no version' : `names the version ${JSON.stringify(said.slice(0, 40))}`
  throw new Problem(400, `imsmanifest.xml ${found}. SCORM 1.2 and SCORM 2004 can be played.`)
}
