import { readFile } from 'node:fs/promises'
import type * as z from 'zod'
import { jsonOf } from '../../core/json.ts'

/** The result of reading a file that should hold JSON of some shape. */
type JsonFile<Content> = { found: 'nothing' } | { found: 'content'; content: Content } | { found: 'garbage' }

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** @throws the system's error if the file exists and cannot be read. */
export const readJsonFile = async <Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<JsonFile<z.infer<Schema>>> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return { found: 'nothing' }
    throw error
  }
  const result = schema.safeParse(jsonOf(text))
  return result.success ? { found: 'content', content: result.data } : { found: 'garbage' }
}
