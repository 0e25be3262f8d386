import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const directory = join(import.meta.dirname, '../../reports')

/** The text of each query in `reports/`, by name. A bundle has the texts instead (`lib/bundles.ts`). */
export const reportQueries: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => [file.slice(0, -'.sql'.length), readFileSync(join(directory, file), 'utf8')]),
)
