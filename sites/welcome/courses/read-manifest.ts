import { Problem } from '../problem.ts'
import type { CourseContents } from './course.ts'
import { launchItemsOf } from './launch-items.ts'
import { childNamed, childrenNamed, lineOf } from './read-element.ts'
import { scormVersionOf } from './scorm-version.ts'
import { parseXml } from './xml-element.ts'

/**
 * Reads `imsmanifest.xml` as far as it takes to launch what the package holds. Rules of sequencing are not looked at.
 * @param files every path in the package.
 * @throws {Problem} 400 that says what is wrong with it.
 */
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
