import type { ParseArgsOptionsConfig } from 'node:util'
import { parseArgs } from 'node:util'
import * as z from 'zod'

/**
 * The command line's options, as the schema names and checks them; a list may be given more than once.
 * @param usage printed for `--help`, and with what is wrong.
 * @returns undefined where only the usage was asked for.
 * @throws {Error} that says what is wrong, and the usage.
 */
export const readOptions = <Schema extends z.ZodObject>(
  schema: Schema,
  usage: string,
  lists: readonly (keyof z.input<Schema> & string)[] = [],
): z.output<Schema> | undefined => {
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } }
  for (const name of Object.keys(schema.shape)) {
    options[name] = { type: 'string', multiple: lists.some((list) => list === name) }
  }
  const { help, ...given } = parseArgs({ options }).values
  if (help === true) {
    console.log(usage)
    return undefined
  }
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new Error(`${z.prettifyError(parsed.error)}\n\n${usage}`)
}
