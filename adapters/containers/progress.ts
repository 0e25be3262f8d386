import * as z from 'zod'
import { jsonLines } from './json-lines.ts'

const lineSchema = z.object({ error: z.string().optional(), stream: z.string().optional() })

/**
 * Reads to its end what an engine reports of a build, a pull or an import, one JSON object to a line.
 * @throws {Error} with the reported failure, and the last lines of output before it.
 */
export const followToEnd = async (progress: NodeJS.ReadableStream): Promise<void> => {
  const output: string[] = []
  for await (const value of jsonLines(progress)) {
    const line = lineSchema.parse(value)
    if (line.stream !== undefined) output.push(line.stream.trim())
    if (line.error !== undefined) throw new Error([...output.slice(-5), line.error].filter(Boolean).join('\n'))
  }
}
