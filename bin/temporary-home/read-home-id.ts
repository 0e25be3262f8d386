import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

const identitySchema = z.looseObject({ homeId: z.string() })

/** The mark of whatever a home runs; undefined where no host has used the home yet. */
export const readHomeId = async (home: string): Promise<string | undefined> => {
  const text = await readFile(join(home, 'home.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : identitySchema.parse(JSON.parse(text)).homeId
}
