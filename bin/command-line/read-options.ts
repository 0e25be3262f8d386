import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import * as z from 'zod'
import { runToEnd } from './run-to-end.ts'

/**
 * Reads the command line's options as the schema names and checks them. A boolean is a flag; an array may be given several times.
 * @param usage printed for `--help`, and with what is wrong.
 * @returns undefined if only the usage was requested.
 * @throws {Error} with the problem and the usage.
 */
export const readOptions = <Schema extends z.ZodObject>(
  schema: Schema,
  usage: string,
): z.output<Schema> | undefined => {
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } }
  const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {}
  for (const [name, option] of Object.entries(described)) {
    const type = typeof option === 'object' ? option.type : undefined
    options[name] = { type: type === 'boolean' ? 'boolean' : 'string', multiple: type === 'array' }
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

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Runs a command with its options, as {@link runToEnd} says. The process ends with 1 if the command fails or returns false. */
export const runCommand = async <Schema extends z.ZodObject>(
  schema: Schema,
  usage: string,
  run: (options: z.output<Schema>, signal: AbortSignal) => Promise<unknown>,
  {
    explain = messageOf,
    cleansUp = false,
  }: { readonly explain?: (error: unknown) => unknown; readonly cleansUp?: boolean } = {},
): Promise<void> =>
  runToEnd(
    async (signal) => {
      try {
        const options = readOptions(schema, usage)
        return options !== undefined && (await run(options, signal)) === false ? 1 : 0
      } catch (error) {
        console.error(signal.aborted ? messageOf(error) : explain(error))
        return 1
      }
    },
    { cleansUp },
  )

export const secondsText = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`
