import { readFile } from 'node:fs/promises'
import type * as z from 'zod'
import { unlessMissing } from '../../adapters/durable-files/replace-file.ts'
import { jsonOf } from '../../core/json.ts'

/** The result of reading a file that should hold JSON of some shape. */
type JsonFile<Content> = { found: 'nothing' } | { found: 'content'; content: Content } | { found: 'garbage' }

/** @throws the system's error if the file exists and cannot be read. */
export const readJsonFile = async <Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<JsonFile<z.infer<Schema>>> => {
  const text = await unlessMissing(readFile(path, 'utf8'))
  if (text === undefined) return { found: 'nothing' }
  const result = schema.safeParse(jsonOf(text))
  return result.success ? { found: 'content', content: result.data } : { found: 'garbage' }
}
