import * as z from 'zod'
import type { CallOperation } from '../command-line/operators-call.ts'

const siteSchema = z.object({
  id: z.string(),
  releaseCopy: z.object({ id: z.string(), at: z.string(), version: z.number() }).nullable(),
})

/**
 * Restores the data of a site from before an upgrade. Without the id of the copy, it only says which one the site has: a repeated command
 * restores nothing else.
 * @returns what it did, in a line.
 * @throws {Error} with the API's message.
 */
export const restoreSite = async (
  call: CallOperation,
  { site, copy, reason }: { readonly site: string; readonly copy: string | undefined; readonly reason: string },
): Promise<string> => {
  if (copy !== undefined) {
    const body = { archiveId: copy, reason }
    const { id } = await call(`sites/${site}/restore-release-copy`, siteSchema, body)
    return `${id}: the restore of ${copy} has begun.`
  }
  const { id, releaseCopy } = await call(`sites/${site}`, siteSchema)
  if (releaseCopy === null) return `${id} has no copy from before an upgrade.`
  return `${id}: --copy ${releaseCopy.id} restores version ${releaseCopy.version} with the data of ${releaseCopy.at}.`
}
