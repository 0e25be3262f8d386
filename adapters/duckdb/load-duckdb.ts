import { createRequire } from 'node:module'
import type { DuckDBConnection } from '@duckdb/node-api'

/** On Lambda it is in a layer, where only `require` finds it. Loaded on first use: the library takes 60 MB. */
const loadDuckdb = (): typeof import('@duckdb/node-api') => createRequire(import.meta.url)('@duckdb/node-api')

/**
 * Uses a database in memory, which installs and loads no extension. It is closed afterwards, whatever happens: a connection holds memory and threads.
 * @param options.spilled where it puts what exceeds the memory.
 */
export const usingDuckdb = async <Result>(
  options: { readonly threads: number; readonly memoryMiB: number; readonly spilled: string },
  use: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> => {
  const instance = await loadDuckdb().DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: `${options.memoryMiB}MiB`,
    temp_directory: options.spilled,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  try {
    const connection = await instance.connect()
    try {
      return await use(connection)
    } finally {
      connection.closeSync()
    }
  } finally {
    instance.closeSync()
  }
}

/** A text in SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
