import { DuckDBInstance } from '@duckdb/node-api'

/** Runs a query of DuckDB. Instants are texts. */
export const queryDuckdb = async (sql: string): Promise<Record<string, unknown>[]> => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** All rows of Parquet files, without empty columns. */
export const readParquet = async (glob: string): Promise<Record<string, unknown>[]> => {
  const rows = await queryDuckdb(`SELECT * FROM read_parquet('${glob}', hive_partitioning = false) ORDER BY ALL`)
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))
}
