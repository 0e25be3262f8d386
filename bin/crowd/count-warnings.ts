import * as z from 'zod'

const lineSchema = z.looseObject({ level: z.number(), msg: z.string() })

const warning = 40

const messageOf = (line: string): string | undefined => {
  try {
    const { data } = lineSchema.safeParse(JSON.parse(line))
    return data !== undefined && data.level >= warning ? data.msg : undefined
  } catch {
    // What a host prints for people is no log line.
    return undefined
  }
}

/** How often a host's log warned of what, from what it printed. */
export const countWarnings = (output: string): Readonly<Record<string, number>> => {
  const messages = output.split('\n').flatMap((line) => messageOf(line) ?? [])
  return Object.fromEntries([...Map.groupBy(messages, (message) => message)].map(([what, same]) => [what, same.length]))
}
