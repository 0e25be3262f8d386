import { createRequire } from 'node:module'
import type { DuckDBInstance } from '@duckdb/node-api'

/** On Lambda it is in a layer, where only `require` finds it. Loaded on first use: the library takes 60 MB. */
const loadDuckdb = (): typeof import('@duckdb/node-api') => createRequire(import.meta.url)('@duckdb/node-api')

/** Opens a database in memory. It installs and loads no extension. @param options.spilled where it puts what exceeds the memory. */
export const openDuckdb = (options: {
  readonly threads: number
  readonly memoryMiB: number
  readonly spilled: string
}): Promise<DuckDBInstance> =>
  loadDuckdb().DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: `${options.memoryMiB}MiB`,
    temp_directory: options.spilled,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })

/** A text in SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
