import * as z from 'zod'
import { commandSchema } from './handing-over.ts'

/** What a version must answer, or which commands must succeed, before visitors reach it. */
export const releaseChecksSchema = z
  .array(
    z
      .strictObject({
        path: z
          .string()
          .regex(/^\/[!-~]*$/, 'must start with / and hold no spaces')
          .max(1000)
          .optional(),
        /** Runs once on the site's data after the version has started, instead of a request. */
        command: commandSchema.optional(),
        /** How long the command may take; 60 by default. */
        seconds: z.int().min(1).max(120).optional(),
        status: z.int().min(100).max(599).default(200),
        contains: z.string().min(1).max(200).optional(),
        notContains: z.string().min(1).max(200).optional(),
        headers: z
          .record(z.string().regex(/^[A-Za-z][\w-]{0,99}$/), z.string().regex(/^[ -~]{1,500}$/))
          .refine((headers) => Object.keys(headers).length <= 10, 'must have at most ten')
          .optional(),
      })
      .refine(
        ({ path, command }) => (path === undefined) !== (command === undefined),
        'must have either `path` or `command`',
      )
      .refine(
        ({ command, contains, notContains, headers }) => command === undefined || !(contains ?? notContains ?? headers),
        'has a command: `contains`, `notContains` and `headers` are of answers',
      )
      .refine(({ path, seconds }) => path === undefined || seconds === undefined, '`seconds` is of a command'),
  )
  .max(10)
  .refine(
    (checks) => checks.filter(({ command }) => command !== undefined).length <= 3,
    'must have at most three commands',
  )
  .readonly()
  .default([])

const defaultCheckSeconds = 60

interface CheckCommand {
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly seconds: number
}

/** The commands among the checks of a version. Each runs on the site's data after the version was healthy, and passes if it ends with 0. */
export const checkCommandsOf = (
  release: { readonly checks: z.infer<typeof releaseChecksSchema> } | undefined,
): readonly CheckCommand[] =>
  (release?.checks ?? []).flatMap(({ command, seconds = defaultCheckSeconds }) =>
    command === undefined ? [] : [{ command, environment: {}, seconds }],
  )
