import { join } from 'node:path'
import { createReportEngine } from '../adapters/duckdb/report-engine.ts'
import { createRowFiles } from '../adapters/duckdb/row-files.ts'
import { openReportDirectory } from '../adapters/files/report-files.ts'
import type { EveryPort } from '../lambdas/_runtime/ports.ts'
import type { Home } from './home/open-home.ts'

const memoryMiB = 512

/** The data set of reports in the home, and what writes and reads it. */
export const openReports = async ({
  directories,
}: Pick<Home, 'directories'>): Promise<Pick<EveryPort, 'reportFiles' | 'rowFiles' | 'reportEngine'>> => {
  const reportFiles = await openReportDirectory(directories.reports)
  return {
    reportFiles,
    rowFiles: createRowFiles({ scratch: directories.run, memoryMiB }),
    reportEngine: createReportEngine({
      source: reportFiles,
      directory: join(directories.run, 'report-copies'),
      memoryMiB,
      threads: 2,
      timeoutMilliseconds: 20_000,
    }),
  }
}
